"""Checks of the environment variables that ROS and Fast DDS read. Imports no ROS."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence

from fer_ros.cli.doctor.catalogue import Environment
from fer_ros.cli.doctor.finding import Finding, ok
from fer_ros.ros.bringup.middleware import FAST_DDS, PROFILE_VARIABLES

#: Shared memory of a Fast DDS participant without a profile, bytes.
DEFAULT_SEGMENT = 512 * 1024

#: An image of 640x480 in colour, bytes.
COMMON_IMAGE = 640 * 480 * 3

#: The UDP ports of a higher ROS domain would be above 65535.
LAST_DOMAIN = 232


class ProfileError(Exception):
    """A DDS profile cannot be read. The message gives the reason."""


def segment_size(environment: Mapping[str, str]) -> int:
    """Return the bytes of shared memory of a Fast DDS process with this environment.

    It is 0 if its profile uses no shared memory.

    Raises:
        ProfileError: The profile cannot be read.
    """
    file = profile_file(environment)
    if not file:
        return DEFAULT_SEGMENT
    try:
        root = ElementTree.parse(file).getroot()
    except (OSError, ElementTree.ParseError) as error:
        raise ProfileError(f'{file}: {error}') from error
    sizes = []
    builtin = True
    for element in root.iter():
        kind = _name(element)
        if kind == 'transport_descriptor':
            values = {_name(child): (child.text or '').strip() for child in element}
            if values.get('type') == 'SHM':
                sizes.append(int(values.get('segment_size', DEFAULT_SEGMENT)))
        elif kind == 'useBuiltinTransports':
            builtin = (element.text or '').strip() != 'false'
    return max([*sizes, *([DEFAULT_SEGMENT] if builtin and not sizes else [])], default=0)


def profile_file(environment: Mapping[str, str]) -> str:
    """Return the profile file that a process was started with, or ''."""
    return next((environment[name] for name in PROFILE_VARIABLES if environment.get(name)), '')


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition('}')[2]


def has_wrong_domain(environment: Mapping[str, str]) -> bool:
    """Return whether no node can start in the ROS domain."""
    domain = environment.get('ROS_DOMAIN_ID') or '0'
    return not domain.isdecimal() or len(domain) > 9 or int(domain) > LAST_DOMAIN


def check_discovery(environment: Mapping[str, str]) -> list[Finding]:
    """Check which nodes can find each other from this shell."""
    domain = environment.get('ROS_DOMAIN_ID') or '0'
    reach = environment.get('ROS_AUTOMATIC_DISCOVERY_RANGE', '').upper()
    if has_wrong_domain(environment):
        return [Environment.WRONG_DOMAIN.found(domain=domain)]
    if reach == 'OFF':
        return [Environment.DISCOVERY_OFF.found()]
    here_only = reach == 'LOCALHOST' or environment.get('ROS_LOCALHOST_ONLY') == '1'
    where = 'only nodes of this machine' if here_only else 'nodes of this machine and the network'
    middleware = environment.get('RMW_IMPLEMENTATION') or 'the default middleware'
    findings = [
        ok(f'domain {domain}, {where}, {middleware}: nodes must agree on these to see each other')
    ]
    server = environment.get('ROS_DISCOVERY_SERVER')
    if server and environment.get('ROS_SUPER_CLIENT', '').upper() not in ('1', 'TRUE'):
        findings.append(Environment.DISCOVERY_SERVER.found(server=server))
    return findings


def check_peers(unknown: Sequence[str]) -> list[Finding]:
    """Report the names in ROS_STATIC_PEERS that cannot be resolved."""
    return [Environment.UNKNOWN_PEER.found(name=name) for name in unknown]


def check_profile(environment: Mapping[str, str]) -> list[Finding]:
    """Check how Fast DDS transports images that this shell publishes."""
    middleware = environment.get('RMW_IMPLEMENTATION', '')
    if middleware not in FAST_DDS:
        return [ok(f'{middleware} is the middleware: it does not use profiles of Fast DDS')]
    file = profile_file(environment)
    if not file:
        return [
            ok(
                'no profile in this shell; the launch files start the nodes with '
                'config/fastdds.xml'
            )
        ]
    try:
        size = segment_size(environment)
    except (ProfileError, ValueError) as error:
        return [Environment.PROFILE_UNUSABLE.found(error=error)]
    if 0 < size < COMMON_IMAGE:
        return [Environment.PROFILE_TOO_SMALL.found(file=file, kib=size >> 10)]
    return [ok(f'{file}: {_memory(size)}')]


def _memory(size: int) -> str:
    return f'{size >> 20} MiB of shared memory' if size else 'no shared memory'

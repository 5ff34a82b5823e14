"""Checks of the environment variables that ROS and Fast DDS read. Imports no ROS."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence

from fer_ros.cli.doctor.finding import Finding, ok, problem, warning
from fer_ros.ros.bringup.middleware import FAST_DDS, PROFILE_VARIABLES

#: Shared memory of a Fast DDS participant without a profile, bytes.
DEFAULT_SEGMENT = 512 * 1024

#: An image of 640x480 in colour, bytes.
COMMON_IMAGE = 640 * 480 * 3

PROFILE_REMEDY = (
    'start it with FASTRTPS_DEFAULT_PROFILES_FILE (Kilted and later: '
    'FASTDDS_DEFAULT_PROFILES_FILE) set to config/fastdds.xml of fer_ros'
)


class ProfileError(Exception):
    """A DDS profile cannot be read. The message gives the reason."""


def segment_size(environment: Mapping[str, str]) -> int:
    """Return the bytes of shared memory of a Fast DDS process with this environment.

    It is 0 if its profile uses no shared memory. Raises ProfileError.
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


def check_discovery(environment: Mapping[str, str]) -> list[Finding]:
    """Check which nodes can find each other from this shell."""
    domain = environment.get('ROS_DOMAIN_ID') or '0'
    reach = environment.get('ROS_AUTOMATIC_DISCOVERY_RANGE', '').upper()
    if not domain.isdecimal():
        return [
            problem(
                f'ROS_DOMAIN_ID is {domain!r}',
                'no node can start with it',
                'unset it, or set a number from 0 to 101',
            )
        ]
    if reach == 'OFF':
        return [
            problem(
                'ROS_AUTOMATIC_DISCOVERY_RANGE is OFF',
                'nodes find no other node, not even on this machine',
                'unset it, or set LOCALHOST or SUBNET for all nodes',
            )
        ]
    here_only = reach == 'LOCALHOST' or environment.get('ROS_LOCALHOST_ONLY') == '1'
    where = 'only nodes of this machine' if here_only else 'nodes of this machine and the network'
    middleware = environment.get('RMW_IMPLEMENTATION') or 'the default middleware'
    findings = [
        ok(f'domain {domain}, {where}, {middleware}: nodes must agree on these to see each other')
    ]
    server = environment.get('ROS_DISCOVERY_SERVER')
    if server and environment.get('ROS_SUPER_CLIENT', '').upper() not in ('1', 'TRUE'):
        findings.append(
            warning(
                f'discovery goes through the server {server}',
                'as a normal client, doctor sees only a part of the system',
                'run doctor with ROS_SUPER_CLIENT=1',
            )
        )
    return findings


def check_peers(unknown: Sequence[str]) -> list[Finding]:
    """Report the names in ROS_STATIC_PEERS that cannot be resolved."""
    return [
        problem(
            f'the name of the peer {name} cannot be resolved',
            'the nodes of fer_ros wait for it before they start, and other programs do not start',
            'bring the network up, or correct the name in peer:= or ROS_STATIC_PEERS',
        )
        for name in unknown
    ]


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
        return [
            problem(
                f'the profile cannot be used: {error}',
                'Fast DDS ignores it and loses most images',
                'correct the path or the file',
            )
        ]
    if 0 < size < COMMON_IMAGE:
        return [
            warning(
                f'{file} gives {size >> 10} KiB of shared memory',
                'an image of 640x480 does not fit, and most are lost with best effort',
                'raise segment_size to 16777216 as config/fastdds.xml does',
            )
        ]
    return [ok(f'{file}: {_memory(size)}')]


def _memory(size: int) -> str:
    return f'{size >> 20} MiB of shared memory' if size else 'no shared memory'

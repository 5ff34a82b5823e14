"""The free ROS domains of this machine."""

from __future__ import annotations

import socket
from collections.abc import Mapping

DOMAIN_VARIABLE = 'ROS_DOMAIN_ID'

#: Domains with free ports on every Linux (ROS 2: "The ROS_DOMAIN_ID").
DOMAINS = range(102)

#: Participants of a domain that one machine can have (ROS 2: "The ROS_DOMAIN_ID").
PARTICIPANTS = 120


def take(name: str) -> socket.socket | None:
    """Lock a name on this machine until the result is closed. None if it is already locked.

    It is an abstract socket: it ends with the process in any case, and leaves no file.
    """
    holder = socket.socket(socket.AF_UNIX)
    try:
        holder.bind(f'\0fer_ros_{name}')
    except OSError:
        holder.close()
        return None
    return holder


def take_domain(environment: Mapping[str, str]) -> tuple[int, socket.socket]:
    """Return a domain for one set of nodes, and its lock, which you must close.

    It is the domain of the environment, unless another demo uses it. Otherwise, it is the first
    domain without participants.

    Raises:
        RuntimeError: All domains are in use.
    """
    named = environment.get(DOMAIN_VARIABLE, '')
    wanted = [int(named)] if named.isdecimal() else []
    for domain in (*wanted, *DOMAINS):
        if domain in wanted or is_silent(domain):
            holder = take(f'demo_{domain}')
            if holder is not None:
                return domain, holder
    raise RuntimeError('all ROS domains of this machine are in use: end some programs')


def is_silent(domain: int) -> bool:
    """Return whether no DDS participant of this machine is in a domain.

    By the RTPS specification, participant i binds port 7410 + 250 * domain + 2 * i. The first one
    can end before the others.
    """
    first = 7410 + 250 * domain
    return all(_is_free(first + 2 * number) for number in range(PARTICIPANTS))


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(('', port))
        except OSError:
            return False
    return True

"""Waiting until the names of the hosts in ROS_STATIC_PEERS can be resolved.

Fast DDS resolves names once, when a process starts, and does not start if one is unknown. A robot
can boot before its network.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import threading
import time
from collections.abc import Callable

#: Environment variable with the hosts to reach without multicast (ROS 2 Iron and later).
PEERS_VARIABLE = 'ROS_STATIC_PEERS'

#: Seconds between two tries to resolve a name, and between two log lines about it.
RETRY_PERIOD = 2.0
REPORT_PERIOD = 30.0


def wait_for_peers(stopping: threading.Event, report: Callable[[str], None]) -> bool:
    """Replace the names of peers by addresses, as soon as all can be resolved.

    Args:
        report: Called with the name that cannot be resolved.

    Returns:
        Whether all names can be resolved. False if `stopping` was set first.
    """
    addresses = []
    for name in _peers():
        next_report = time.monotonic()
        while not (address := _address(name, stopping)):
            if time.monotonic() >= next_report:
                next_report += REPORT_PERIOD
                report(
                    f'the name of the peer {name} cannot be resolved: check the network; trying '
                    f'again every {RETRY_PERIOD:g} s'
                )
            if stopping.wait(RETRY_PERIOD):
                return False
        addresses.append(address)
    if addresses:
        os.environ[PEERS_VARIABLE] = ';'.join(addresses)
    return True


def leave_out_unknown_peers() -> list[str]:
    """Keep the peers that can be resolved now. Return the names of the others."""
    peers = _peers()
    unknown = [name for name in peers if not _address(name, threading.Event())]
    if unknown:
        os.environ[PEERS_VARIABLE] = ';'.join(name for name in peers if name not in unknown)
    return unknown


def _peers() -> list[str]:
    names = (name.strip() for name in os.environ.get(PEERS_VARIABLE, '').split(';'))
    return [name for name in names if name]


def _address(name: str, stopping: threading.Event) -> str:
    """Return an address of a host, IPv4 if it has one. '' if there is none."""
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        found: list[str] = []
    # A look-up can take long and ignores signals, so it runs on a thread.
    thread = threading.Thread(target=lambda: found.extend(_look_up(name)), daemon=True)
    thread.start()
    while thread.is_alive() and not stopping.is_set():
        thread.join(0.1)
    return found[0] if found else ''


def _look_up(name: str) -> list[str]:
    try:
        answers = socket.getaddrinfo(name, None, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError):
        return []
    answers.sort(key=lambda answer: answer[0] != socket.AF_INET)
    return [str(answer[4][0]) for answer in answers]

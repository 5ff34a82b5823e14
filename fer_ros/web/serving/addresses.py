"""Addresses under which other devices reach a server, also as a QR code."""

from __future__ import annotations

import fcntl
import io
import ipaddress
import socket
import struct
import sys
from importlib.util import find_spec
from typing import TextIO

#: Linux request for the IPv4 address of a network interface, and its position in the answer.
_SIOCGIFADDR = 0x8915
_ADDRESS = slice(20, 24)

#: An address that no host has (RFC 5737). The route to it is the default route.
_ELSEWHERE = ('192.0.2.1', 9)

# White and black, independent of the colours of the terminal.
_QR_COLOURS, _USUAL_COLOURS = '\033[97;40m', '\033[0m'


def reachable_hosts(address: str) -> list[str]:
    """Return the hosts under which a server that listens on an IP address is reached, best first.

    A wildcard address stands for each address of this machine, or for the loopback address if the
    machine has no network.
    """
    host = ipaddress.ip_address(address.partition('%')[0])
    if not host.is_unspecified:
        return [f'[{address}]' if host.version == 6 else address]
    return machine_addresses() or ['127.0.0.1']


def is_free(address: str, port: int) -> bool:
    """Return whether a server can listen on a port of an IPv4 address of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def machine_addresses() -> list[str]:
    """Return the IPv4 addresses of this machine except loopback, the default route first."""
    found = [*_way_out(), *_of_interfaces()]
    return [
        address
        for address in dict.fromkeys(found)
        if not ipaddress.ip_address(address).is_loopback
    ]


def qr_code(url: str, out: TextIO | None = None) -> list[str]:
    """Return a URL as a QR code in lines for a terminal, two rows of it in each.

    The list is empty if the code could not be scanned: `out` (default: standard output) is not a
    terminal or does not use UTF-8.
    """
    out = sys.stdout if out is None else out
    if not out.isatty() or (out.encoding or '').lower().replace('-', '') != 'utf8':
        return []
    if find_spec('segno') is None:
        return ['To show a QR code, run pip install segno']
    import segno

    drawn = io.StringIO()
    segno.make_qr(url).terminal(drawn, border=2, compact=True)
    return [f'{_QR_COLOURS}{line}{_USUAL_COLOURS}' for line in drawn.getvalue().splitlines()]


def _way_out() -> list[str]:
    """Return the address of the default route, if there is one. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ELSEWHERE)
        except OSError:
            return []
        return [probe.getsockname()[0]]


def _of_interfaces() -> list[str]:
    addresses = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            request = struct.pack('256s', name.encode()[:15])
            try:
                answer = fcntl.ioctl(probe.fileno(), _SIOCGIFADDR, request)
            except OSError:
                continue  # without an address
            addresses.append(socket.inet_ntoa(answer[_ADDRESS]))
    return addresses

"""Fetch one picture from an address within bounds: bytes, seconds, redirects, kinds of address."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import (
    HTTPConnection,
    HTTPException,
    HTTPMessage,
    HTTPResponse,
    HTTPSConnection,
)
from typing import IO, Any

from training.errors import DataError

CHUNK = 1 << 16


@dataclass(frozen=True)
class DownloadLimits:
    """What a download may cost.

    size: bytes. seconds: for the whole of it. redirects: followed at most.
    private_addresses: also fetch from this machine and the local network.
    """

    size: int = 10 << 20
    seconds: float = 20.0
    redirects: int = 3
    private_addresses: bool = False


def download(url: str, limits: DownloadLimits) -> bytes:
    """Return what an http or https address holds; DataError when a limit is reached."""
    check_address(url, limits)
    connections = _Connections()
    opener = urllib.request.build_opener(
        _BoundedRedirects(limits), connections.over_http(), connections.over_https()
    )
    deadline = time.monotonic() + limits.seconds
    try:
        with (
            connections.ended_after(limits.seconds),
            opener.open(url, timeout=limits.seconds) as reply,
        ):
            return _read(reply, url, limits, deadline)
    except (OSError, ValueError, HTTPException) as error:
        if time.monotonic() > deadline:
            raise DataError(f'{url}: took longer than {limits.seconds:g} seconds') from error
        raise DataError(f'{url}: {error}') from error


def check_address(url: str, limits: DownloadLimits) -> None:
    """Refuse other schemes than http and https, and addresses inside the local network."""
    try:
        parts = urllib.parse.urlsplit(url)
        port = parts.port or 80
    except ValueError as error:
        raise DataError(f'{url}: {error}') from error
    if parts.scheme not in ('http', 'https') or not parts.hostname:
        raise DataError(f'{url}: only http:// and https:// addresses are fetched')
    if limits.private_addresses:
        return
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise DataError(f'{url}: {error}') from error
    for *_, address in found:
        if not ipaddress.ip_address(str(address[0]).split('%')[0]).is_global:
            raise DataError(f'{url}: {address[0]} is inside a private network; it is not fetched')


def _read(reply: HTTPResponse, url: str, limits: DownloadLimits, deadline: float) -> bytes:
    content = bytearray()
    while True:
        # read1: a server that sends a byte now and then must not fill a whole chunk first.
        chunk = reply.read1(CHUNK)
        content += chunk
        if len(content) > limits.size:
            raise DataError(f'{url}: larger than {limits.size} bytes')
        if time.monotonic() > deadline:
            raise DataError(f'{url}: took longer than {limits.seconds:g} seconds')
        if not chunk:
            return bytes(content)


class _Connections:
    """The connections of one download, those of redirects included.

    urllib bounds each wait for bytes, so a head that trickles is waited for without end; here
    the sockets can be shut down.
    """

    def __init__(self) -> None:
        self._made: list[HTTPConnection] = []

    def over_http(self) -> urllib.request.HTTPHandler:
        """Return what opens http addresses."""
        connections = self

        class Http(urllib.request.HTTPHandler):
            def http_open(self, req: urllib.request.Request) -> HTTPResponse:
                return self.do_open(connections._connect, req)

        return Http()

    def over_https(self) -> urllib.request.HTTPSHandler:
        """Return what opens https addresses."""
        connections = self

        class Https(urllib.request.HTTPSHandler):
            def https_open(self, req: urllib.request.Request) -> HTTPResponse:
                context = ssl.create_default_context()
                return self.do_open(connections._connect_securely, req, context=context)

        return Https()

    @contextlib.contextmanager
    def ended_after(self, seconds: float) -> Iterator[None]:
        """Shut the connections down when the time is over."""
        timer = threading.Timer(seconds, self._end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _connect(self, host: str, **given: Any) -> HTTPConnection:
        self._made.append(HTTPConnection(host, **given))
        return self._made[-1]

    def _connect_securely(self, host: str, **given: Any) -> HTTPConnection:
        self._made.append(HTTPSConnection(host, **given))
        return self._made[-1]

    def _end(self) -> None:
        for connection in self._made:
            # Not every one is open at this moment.
            with contextlib.suppress(OSError, AttributeError):
                connection.sock.shutdown(socket.SHUT_RDWR)


class _BoundedRedirects(urllib.request.HTTPRedirectHandler):
    """Follows few redirects, and none to an address that would not be fetched itself."""

    def __init__(self, limits: DownloadLimits) -> None:
        self._limits = limits
        self._followed = 0

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Count, and check where the redirect leads, before following it."""
        self._followed += 1
        if self._followed > self._limits.redirects:
            raise DataError(f'{req.full_url}: more than {self._limits.redirects} redirects')
        check_address(newurl, self._limits)
        return super().redirect_request(req, fp, code, msg, headers, newurl)

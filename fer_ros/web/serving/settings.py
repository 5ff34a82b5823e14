"""The settings of the web server: its address, access rules and limits."""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass

from fer_ros.core.paths import user_path
from fer_ros.web.errors import WebError

#: Environment variable for the token, so that it need not be in a file or a command line.
TOKEN_VARIABLE = 'FER_ROS_WEB_TOKEN'

#: Path of the route for videos, which are larger than other requests.
VIDEOS = '/videos'

#: Smallest length of a token: 16 random characters cannot be guessed over a network.
SHORTEST_TOKEN = 16

_HOST = re.compile(r'[\w.-]+|\[[0-9a-fA-F:.]+\]')
_ORIGIN = re.compile(r'https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?')

_MAKE_TOKEN = (
    '(umask 077; python3 -c "import secrets; print(secrets.token_urlsafe(24))" > token.txt)'
)


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Settings of one server.

    Attributes:
        address: To listen on.
        port: 0 selects a free port.
        token: The token that clients must send. With '', no token is needed, and only this
            machine has access.
        allowed_hosts: Names under which browsers reach it, besides its addresses and the name of
            this machine.
        cors_origins: Origins of web applications on other servers whose pages can use this one,
            each as scheme://host:port; none by default.
        max_upload: Largest size of a request, bytes.
        max_video: Largest size of a request with a video, bytes.
        max_connections: At the same time. Further clients must try again later.
        header_time: Seconds that a client can take for the head of a request.
        body_time: Seconds for the body.
        write_time: Seconds to read the answer.
        video_time: The same for the body of a video.
    """

    address: str = '127.0.0.1'
    port: int = 8080
    token: str = ''
    allowed_hosts: tuple[str, ...] = ()
    cors_origins: tuple[str, ...] = ()
    max_upload: int = 16_000_000
    max_video: int = 100_000_000
    max_connections: int = 100
    header_time: float = 10.0
    body_time: float = 20.0
    video_time: float = 180.0
    write_time: float = 20.0

    def __post_init__(self) -> None:
        if self.token and len(self.token) < SHORTEST_TOKEN:
            raise WebError(
                f'the token has {len(self.token)} characters, but needs at least '
                f'{SHORTEST_TOKEN}: create one with {_MAKE_TOKEN}'
            )
        if not self.token and not is_loopback(self.address):
            raise WebError(
                f'address {self.address} can be reached from other machines, and there is no '
                f'token: create one with {_MAKE_TOKEN} and name that file in token_file (web: '
                f'--token-file), set {TOKEN_VARIABLE}, or use 127.0.0.1'
            )
        for name in self.allowed_hosts:
            if not _HOST.fullmatch(name):
                raise WebError(
                    f'{name!r} is not the name of a host: write the name that browsers show in '
                    'the address, without http:// and port, such as robot.local'
                )
        for origin in self.cors_origins:
            if not _ORIGIN.fullmatch(origin):
                raise WebError(
                    f'{origin!r} is not an origin: write the scheme, the host and, if needed, '
                    'the port, in lower case and without a path, such as http://localhost:3000'
                )

    def largest_body(self, path: str) -> int:
        """Return the largest size in bytes of the body of a request."""
        return self.max_video if path == VIDEOS else self.max_upload

    def longest_body(self, path: str) -> float:
        """Return the seconds that the body of a request can take."""
        return self.video_time if path == VIDEOS else self.body_time


def is_loopback(address: str) -> bool:
    """Return whether only this machine can reach an address."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == 'localhost'


def read_token(file: str = '') -> str:
    """Return the token from a file or from the environment, or '' if there is none.

    Raises:
        WebError: The file cannot be read, is empty, or is readable by other users.
    """
    if not file:
        return os.environ.get(TOKEN_VARIABLE, '').strip()
    path = user_path(file)
    try:
        token = path.read_text(encoding='utf-8-sig').strip()
        others = path.stat().st_mode & 0o077
    except (OSError, UnicodeDecodeError) as error:
        raise WebError(f'token_file {path} cannot be read ({error}): check the path') from error
    if not token:
        raise WebError(f'token_file {path} is empty: create a token with {_MAKE_TOKEN}')
    if others:
        raise WebError(f'token_file {path} is readable by other users: run chmod 600 {path}')
    return token

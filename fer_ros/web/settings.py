"""Where the web server listens, who may ask it, and how much of it anybody may use."""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass
from pathlib import Path

from fer_ros.web.errors import WebError

#: Variable that may hold the token, so that it stands neither in a file nor in a command line.
TOKEN_VARIABLE = 'FER_ROS_WEB_TOKEN'

#: Where videos are sent to, which are larger than all else.
VIDEOS = '/videos'

#: Shortest token in characters: 16 random ones cannot be guessed over a network.
SHORTEST_TOKEN = 16

_ORIGIN = re.compile(r'https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?')

_MAKE_TOKEN = 'python3 -c "import secrets; print(secrets.token_urlsafe(24))" > token.txt'


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Settings of one server.

    address: to listen on. port: 0 takes a free one.
    token: what a client must show; '' asks for none, and then only this machine may ask.
    allowed_hosts: names under which browsers reach it besides addresses and this machine's name.
    cors_origins: of web applications on other servers whose pages may ask this one, each as
        scheme://host:port; none by default.
    max_upload, max_video: bytes of a request, and of one with a video.
    max_connections: at once; further ones are asked to retry later.
    header_time, body_time, write_time: seconds a client may take for the head of a request, for
        its body, and to read what waits for it. video_time: the same for the body of a video.
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
                f'the token has {len(self.token)} characters: it needs at least '
                f'{SHORTEST_TOKEN}; make one with {_MAKE_TOKEN}'
            )
        if not self.token and not is_loopback(self.address):
            raise WebError(
                f'address {self.address} can be reached from other machines, and there is no '
                f'token: make one with {_MAKE_TOKEN} and name that file as token_file, set '
                f'{TOKEN_VARIABLE}, or keep to 127.0.0.1'
            )
        for origin in self.cors_origins:
            if not _ORIGIN.fullmatch(origin):
                raise WebError(
                    f'{origin!r} is not an origin of pages: write scheme and host, and the port '
                    'where there is one, in small letters and without a path, such as '
                    'http://localhost:3000'
                )

    def largest_body(self, path: str) -> int:
        """Return how many bytes the body of a request may have."""
        return self.max_video if path == VIDEOS else self.max_upload

    def longest_body(self, path: str) -> float:
        """Return how many seconds the body of a request may take."""
        return self.video_time if path == VIDEOS else self.body_time


def is_loopback(address: str) -> bool:
    """Return whether only this machine reaches an address."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == 'localhost'


def read_token(file: str = '') -> str:
    """Return the token of a file, or else of the environment, '' where there is none.

    Raises WebError for a file that cannot be read, is empty, or is open to other users.
    """
    if not file:
        return os.environ.get(TOKEN_VARIABLE, '').strip()
    path = Path(file).expanduser()
    try:
        token = path.read_text(encoding='utf-8-sig').strip()
        others = path.stat().st_mode & 0o077
    except (OSError, UnicodeDecodeError) as error:
        raise WebError(f'token_file {path} cannot be read ({error}): check the path') from error
    if not token:
        raise WebError(f'token_file {path} is empty: make one with {_MAKE_TOKEN}')
    if others:
        raise WebError(f'token_file {path} is open to other users: chmod 600 {path}')
    return token

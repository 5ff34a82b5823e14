"""Access to the server: the token, and the hosts and origins that a request can name."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import socket
import time
from collections import OrderedDict
from collections.abc import Callable
from urllib.parse import urlsplit

from fer_ros.web.serving.settings import WebSettings

#: Seconds after which a browser asks for the token again.
COOKIE_AGE = 30 * 24 * 3600


class Access:
    """Decides on requests by the settings of a server."""

    def __init__(self, settings: WebSettings) -> None:
        self._token = settings.token.encode()
        self._cors_origins = settings.cors_origins
        machine = socket.gethostname().lower()
        self._names = {
            'localhost',
            machine,
            f'{machine}.local',
            settings.address.lower(),
            *(name.lower() for name in settings.allowed_hosts),
        }

    @property
    def needs_token(self) -> bool:
        """Return whether a client must show a token."""
        return bool(self._token)

    @property
    def cookie(self) -> str:
        """Return the value that a browser keeps. It changes only with the token."""
        return self._derived(b'fer_ros browser')

    @property
    def cookie_name(self) -> str:
        """Return its name. It differs between tokens.

        Browsers share cookies between the ports of a host, for example between two tunnels.
        """
        return f'fer_ros_{self._derived(b"fer_ros name")[:8]}'

    def _derived(self, purpose: bytes) -> str:
        """Return a text that only this token gives, and that does not reveal it."""
        return hmac.new(self._token, purpose, hashlib.sha256).hexdigest()

    def is_token(self, text: str) -> bool:
        """Return whether a text is the token. The time it takes does not depend on the text."""
        return self.needs_token and hmac.compare_digest(
            text.encode('utf-8', 'surrogateescape'), self._token
        )

    def may_ask(self, authorization: str, cookie: str) -> bool:
        """Return whether a request with this header and this cookie value is allowed."""
        if not self.needs_token:
            return True
        scheme, _, token = authorization.partition(' ')
        by_header = scheme.lower() == 'bearer' and self.is_token(token.strip())
        by_cookie = hmac.compare_digest(
            cookie.encode('utf-8', 'surrogateescape'), self.cookie.encode()
        )
        return by_header or by_cookie

    def knows_host(self, host: str) -> bool:
        """Return whether a Host header names this server.

        Another person's page can let its own name point to this machine (DNS rebinding). It cannot
        make a browser write an address or the name of this machine into the header.
        """
        try:
            name = urlsplit(f'//{host}').hostname or ''
            if name in self._names:
                return True
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True

    def knows_origin(self, origin: str, host: str, fetch_site: str = '') -> bool:
        """Return whether a request comes from an allowed page or from no page.

        Args:
            fetch_site: The header Sec-Fetch-Site of the browser, '' if there is none. No page can
                change it. Without it, the origin null can be any page.
        """
        if origin in self._cors_origins:
            return True
        if fetch_site not in ('', 'same-origin', 'none'):
            return False
        if origin == 'null':
            return fetch_site == 'same-origin'
        try:
            return not origin or urlsplit(origin).netloc.lower() == host.lower()
        except ValueError:
            return False


class RateLimit:
    """A token bucket for each client: `burst` requests at once, `rate` per second on average.

    It remembers a limited number of clients, the latest ones.
    """

    def __init__(
        self,
        rate: float,
        burst: int,
        clients: int = 1024,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rate = rate
        self._burst = burst
        self._clients = clients
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def admits(self, client: str) -> bool:
        """Take one token of a client. Return False if none is available."""
        now = self._clock()
        tries, since = self._buckets.pop(client, (float(self._burst), now))
        tries = min(self._burst, tries + (now - since) * self._rate)
        admitted = tries >= 1
        self._buckets[client] = (tries - 1 if admitted else tries, now)
        while len(self._buckets) > self._clients:
            self._buckets.popitem(last=False)
        return admitted

"""Checks of every request: client, origin and size, and the headers of the answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, quote, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fer_ros.web.serving.access import COOKIE_AGE, Access, RateLimit
from fer_ros.web.serving.settings import WebSettings

#: Paths that need no token: they accept the token.
OPEN = ('/login', '/static/login.css')

#: Pages that redirect a browser without a token to the login.
PAGES = ('/', '/try', '/headset', '/docs')

#: Requests of one client per second, and at once. A page needs about thirty.
REQUESTS = (20.0, 200)

#: Pages of one client per second, and at once. The server keeps data of each page for a while.
PAGE_REQUESTS = (1.0, 20)

_HEADERS = {
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    # With no-referrer, browsers send the origin null with the forms of this server.
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
}

_POLICY = (
    "default-src 'none'; connect-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "media-src blob:; style-src 'self' 'unsafe-inline'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; script-src 'self'"
)
# NiceGUI writes inline scripts into a page, and its Vue compiles templates in the browser.
_PAGE_POLICY = f"{_POLICY} 'unsafe-inline' 'unsafe-eval'"


class Guard:
    """An ASGI application that wraps another one."""

    def __init__(self, app: ASGIApp, settings: WebSettings) -> None:
        self.app = app
        self._settings = settings
        self._access = Access(settings)
        self._requests = RateLimit(*REQUESTS)
        self._pages = RateLimit(*PAGE_REQUESTS)
        self._open_sockets = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or pass it on with limits."""
        if scope['type'] == 'lifespan':
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        guarded = _with_headers(scope, send)
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await _refuse(refusal, scope, receive, guarded)
        elif scope['type'] == 'websocket':
            self._open_sockets += 1
            try:
                await self.app(scope, receive, guarded)
            finally:
                self._open_sockets -= 1
        else:
            await self.app(scope, self._bounded(scope['path'], receive), guarded)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        """Return the answer that refuses a request, or None if it is allowed."""
        host = headers.get('host', '')
        path = scope['path']
        if not self._access.knows_host(host):
            return _problem(
                421,
                'the server is not known under this name: use its address, or add the name to '
                'allowed_hosts',
            )
        reads = scope['type'] == 'http' and scope['method'] in ('GET', 'HEAD')
        if not reads and not self._access.knows_origin(
            headers.get('origin', ''), host, headers.get('sec-fetch-site', '')
        ):
            return _problem(
                403,
                'pages of other servers cannot use this server: add their origin to cors_origins',
            )
        if not self._admits(scope):
            return _problem(
                429, 'too many requests: try again in a few seconds', {'retry-after': '5'}
            )
        # uvicorn counts WebSockets, too, but then refuses only other requests.
        if scope['type'] == 'websocket' and self._open_sockets >= self._settings.max_connections:
            return _problem(503, 'too many connections: try again later', {'retry-after': '5'})
        declared = headers.get('content-length', '0')
        if declared.isdecimal() and int(declared) > self._settings.largest_body(path):
            return self._too_large(path)
        if path in OPEN:
            return None
        arrival = self._with_token_in_address(scope)
        if arrival is not None:
            return arrival
        if self._access.may_ask(
            headers.get('authorization', ''), _cookie(headers, self._access.cookie_name)
        ):
            return None
        return self._without_token(scope, headers)

    def _admits(self, scope: Scope) -> bool:
        client = scope['client'][0] if scope.get('client') else ''
        if not self._requests.admits(client):
            return False
        return scope['path'] not in PAGES or self._pages.admits(client)

    def _with_token_in_address(self, scope: Scope) -> Response | None:
        """Return a redirect to the page without the token, if its address contains one."""
        if scope['type'] != 'http' or scope['path'] not in PAGES:
            return None
        if not any(
            name == 'token' and self._access.is_token(value) for name, value in _query(scope)
        ):
            return None
        response = RedirectResponse(_address_without_token(scope), 303)
        keep_token(response, self._access)
        return response

    def _without_token(self, scope: Scope, headers: Headers) -> Response | None:
        is_page = scope['type'] == 'http' and scope['path'] in PAGES
        if is_page and 'text/html' in headers.get('accept', ''):
            here = quote(_address_without_token(scope), safe='')
            return RedirectResponse(f'/login?next={here}', 303)
        return _problem(
            401,
            'a token is required: send the header Authorization: Bearer TOKEN',
            {'www-authenticate': 'Bearer'},
        )

    def _bounded(self, path: str, receive: Receive) -> Receive:
        """Return a receive function that ends with 413 if a body is too large, 408 if too slow."""
        largest, longest = self._settings.largest_body(path), self._settings.longest_body(path)
        # From the first call on: until then, the head was read.
        deadline = time.monotonic() + longest
        received = 0
        complete = False

        async def bounded() -> Message:
            nonlocal received, complete
            if complete:
                # After the body, the only message is the disconnect of the client, at any time.
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), max(deadline - time.monotonic(), 0.01))
            except asyncio.TimeoutError:
                raise HTTPException(
                    408,
                    f'the request took longer than {longest:g} s: use a faster connection or '
                    'a smaller file',
                    {'connection': 'close'},
                ) from None
            received += len(message.get('body', b''))
            complete = not message.get('more_body', False)
            if received > largest:
                raise HTTPException(413, _too_large_text(largest), {'connection': 'close'})
            return message

        return bounded

    def _too_large(self, path: str) -> Response:
        text = _too_large_text(self._settings.largest_body(path))
        return _problem(413, text, {'connection': 'close'})


def keep_token(response: Response, access: Access) -> None:
    """Set the cookie in a browser that sent the token."""
    response.set_cookie(
        access.cookie_name, access.cookie, max_age=COOKIE_AGE, httponly=True, samesite='lax'
    )


def _query(scope: Scope) -> list[tuple[str, str]]:
    return parse_qsl(scope['query_string'].decode('latin-1'), keep_blank_values=True)


def _address_without_token(scope: Scope) -> str:
    rest = urlencode([(name, value) for name, value in _query(scope) if name != 'token'])
    return f'{scope["path"]}?{rest}' if rest else str(scope['path'])


def _too_large_text(largest: int) -> str:
    return f'the file or request is larger than {largest / 1e6:g} MB: send a smaller one'


def _problem(status: int, text: str, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({'detail': text}, status, dict(headers or {}))


def _cookie(headers: Headers, name: str) -> str:
    try:
        cookies: SimpleCookie = SimpleCookie(headers.get('cookie', ''))
    except CookieError:
        return ''
    return cookies[name].value if name in cookies else ''


async def _refuse(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Send the answer. A WebSocket is refused before it opens."""
    if scope['type'] == 'websocket':
        await receive()
        if 'websocket.http.response' not in scope.get('extensions', {}):
            await send({'type': 'websocket.close', 'code': 1008})
            return
    await response(scope, receive, send)


def _with_headers(scope: Scope, send: Send) -> Send:
    """Return a send function that adds the headers of every answer."""

    async def with_headers(message: Message) -> None:
        if message['type'] in ('http.response.start', 'websocket.http.response.start'):
            message['headers'] = list(message.get('headers', ()))
            headers = MutableHeaders(raw=message['headers'])
            headers.update(_HEADERS)
            if scope['path'] == '/try':
                # The page requests the camera, and only after a click.
                headers['permissions-policy'] = _HEADERS['permissions-policy'].replace(
                    'camera=()', 'camera=(self)'
                )
            is_page = scope['path'] in ('/', '/try', '/headset')
            headers['content-security-policy'] = _PAGE_POLICY if is_page else _POLICY
            headers.setdefault('cache-control', 'no-store')
        await send(message)

    return with_headers

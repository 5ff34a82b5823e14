"""The page that asks a browser for the token."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from fer_ros.web.serving.access import Access, RateLimit
from fer_ros.web.serving.guard import keep_token
from fer_ros.web.serving.settings import WebSettings

_PAGE = Path(__file__).parents[1] / 'static' / 'login.html'

#: Number of tokens that one client can try per second, and at once.
LOGINS = (0.2, 5)


def create_login(settings: WebSettings) -> APIRouter:
    """Return the routes of the page."""
    access = Access(settings)
    logins = RateLimit(*LOGINS)
    router = APIRouter(include_in_schema=False)

    @router.get('/login')
    async def login(next: str = '') -> Response:
        if not access.needs_token:
            return RedirectResponse('/', 303)
        return _login_page('')

    @router.post('/login')
    async def show_token(request: Request, next: str = '') -> Response:
        client = request.client.host if request.client else ''
        if not logins.admits(client):
            return _login_page('Too many attempts. Wait a few seconds and try again.', 429)
        body = await request.body()
        if request.headers.get('content-type') != 'application/x-www-form-urlencoded' or (
            len(body) > 4096
        ):
            return JSONResponse(
                {'detail': 'the request is not a login form: open /login in a browser'}, 415
            )
        async with request.form(max_files=0, max_fields=4) as form:
            if not access.is_token(str(form.get('token', '')).strip()):
                return _login_page('The token is wrong. Enter the token of this server.', 401)
        response = RedirectResponse(_way_back(next), 303)
        keep_token(response, access)
        return response

    return router


def _login_page(problem: str, status: int = 200) -> HTMLResponse:
    page = _PAGE.read_text(encoding='utf-8')
    return HTMLResponse(page.replace('<!-- problem -->', problem), status)


def _way_back(path: str) -> str:
    """Return the path to open after the login. It is always on this server."""
    is_ours = path.startswith('/') and not path.startswith(('//', '/\\'))
    return path if is_ours and path.isprintable() else '/'

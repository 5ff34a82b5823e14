"""The addresses of the pages, and their arguments."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from fastapi import FastAPI
from nicegui import ui
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse
from starlette.routing import Match, Mount
from starlette.types import Receive, Scope, Send

from fer_ros.web.pages.dashboard import Dashboard
from fer_ros.web.pages.headset import LABELS, LARGEST, SMALLEST, Headset, size_of
from fer_ros.web.pages.theme import THEMES
from fer_ros.web.pages.try_page import create_try_page
from fer_ros.web.serving.arguments import refusal_of
from fer_ros.web.state.pipeline_state import PipelineState
from fer_ros.web.stream import PictureStream
from fer_ros.web.texts import LANGUAGE_COOKIE, LANGUAGES, Texts, language_of

#: An argument of an address: whether a value is allowed, and what a value must be.
_Argument = tuple[Callable[[str], bool], str]


def _one_of(names: Collection[str]) -> _Argument:
    return (lambda value: value in names), f'one of {", ".join(names)}'


_ARGUMENTS = {'theme': _one_of(THEMES), 'lang': _one_of(LANGUAGES)}
#: Pages, and the arguments of their addresses. An empty value is the same as no value.
_PAGES: dict[str, dict[str, _Argument]] = {
    '/': _ARGUMENTS,
    '/try': _ARGUMENTS,
    '/headset': {
        **_ARGUMENTS,
        'size': (
            lambda value: size_of(value) is not None,
            f'a whole number from {SMALLEST} to {LARGEST}',
        ),
        'labels': (
            lambda value: all(name.strip() in LABELS for name in value.split(',')),
            f'one or more of {", ".join(LABELS)}, with commas between them',
        ),
    },
}
_OURS = (*_PAGES, '/favicon.ico')
_ASSETS = ('/_nicegui/', '/_nicegui_ws/')

#: Seconds for which the server keeps a page after its connection is lost.
RECONNECT_TIMEOUT = 15.0


def create_pages(
    pipeline_state: PipelineState, stream: PictureStream, private: bool = False
) -> FastAPI:
    """Return an application with the pages. NiceGUI allows only one in a process.

    It is mounted into another application, whose lifespan must run its lifespan.

    Args:
        private: No image of a browser's camera leaves its device.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @ui.page('/')
    def dashboard(request: Request, theme: str = '', lang: str = '') -> None:
        Dashboard(pipeline_state, stream, theme, _texts(request, lang))

    @ui.page('/try')
    def try_page(request: Request, theme: str = '', lang: str = '') -> None:
        create_try_page(theme, _texts(request, lang), private)

    @ui.page('/headset')
    def headset(
        request: Request, size: str = '', labels: str = '', theme: str = '', lang: str = ''
    ) -> None:
        Headset(pipeline_state, size, labels, theme, _texts(request, lang))

    ui.run_with(
        app,
        title='fer_ros',
        dark=None,
        tailwind=False,
        show_welcome_message=False,
        favicon=Path(__file__).parents[1] / 'static' / 'icon.svg',
        language='en-US',
        reconnect_timeout=RECONNECT_TIMEOUT,
        binding_refresh_interval=None,
    )
    return app


def _texts(request: Request, wanted: str) -> Texts:
    kept = request.cookies.get(LANGUAGE_COOKIE, '')
    return Texts(language_of(wanted, kept, request.headers.get('accept-language', '')))


class PagesMount(Mount):
    """The pages at the root of another application. All other paths belong to that application.

    NiceGUI creates a page for every requested path and keeps it for a while.
    """

    def __init__(self, pages: FastAPI) -> None:
        super().__init__('/', pages, name='pages')

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match the pages and their assets."""
        path = scope.get('path', '')
        if path in _OURS or path.startswith(_ASSETS):
            return super().matches(scope)
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Show a page, unless an argument of its address is unknown or wrong."""
        refusal = _refusal(HTTPConnection(scope))
        if refusal is None:
            await super().handle(scope, receive, send)
        else:
            await refusal(scope, receive, send)


def _refusal(connection: HTTPConnection) -> JSONResponse | None:
    """Return the answer to a wrong address of a page, or None if the address is right."""
    path = connection.scope['path']
    if path not in _PAGES:
        return None
    arguments = _PAGES[path]
    if text := refusal_of(connection, list(arguments)):
        return JSONResponse({'detail': text}, 400)
    wrong = [
        f'{name} must be {arguments[name][1]}'
        for name, value in connection.query_params.items()
        if value and not arguments[name][0](value)
    ]
    return JSONResponse({'detail': f'{path}: {"; ".join(wrong)}'}, 422) if wrong else None

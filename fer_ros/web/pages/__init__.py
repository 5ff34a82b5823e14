"""The pages for people: the dashboard and the headset view, built with NiceGUI.

The elements of elements.py draw everything that changes with each frame, and handle input, in the
browser. They use the API. The rest is Python.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

# NiceGUI reads its storage from this folder, although these pages store nothing. Another user must
# not be able to create it, because NiceGUI writes what it has read. It is removed at the end.
os.environ['NICEGUI_STORAGE_PATH'] = (
    _STORAGE := tempfile.TemporaryDirectory(prefix='fer_ros_web_')
).name

from fastapi import FastAPI
from nicegui import ui
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse
from starlette.routing import Match, Mount
from starlette.types import Receive, Scope, Send

from fer_ros.web.pages.dashboard import Dashboard
from fer_ros.web.pages.headset import Headset
from fer_ros.web.pages.try_page import create_try_page
from fer_ros.web.serving.arguments import unknown_arguments
from fer_ros.web.state.pipeline_state import PipelineState
from fer_ros.web.stream import PictureStream
from fer_ros.web.texts import LANGUAGE_COOKIE, Texts, language_of

#: Pages, and the arguments of their addresses.
_PAGES = {
    '/': ['theme', 'lang'],
    '/try': ['theme', 'lang'],
    '/headset': ['size', 'labels', 'theme', 'lang'],
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
        """Show a page, unless its address has unknown arguments."""
        path = scope['path']
        unknown = path in _PAGES and unknown_arguments(HTTPConnection(scope), _PAGES[path])
        if unknown:
            await JSONResponse({'detail': unknown}, 400)(scope, receive, send)
        else:
            await super().handle(scope, receive, send)

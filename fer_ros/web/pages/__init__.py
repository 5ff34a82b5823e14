"""What people see: the dashboard and the view for headsets, built with NiceGUI.

What changes with every frame is drawn by the three elements in elements.py, in the browser;
everything else is Python.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

# NiceGUI makes this folder when it is imported, though nothing here is stored there.
os.environ.setdefault(
    'NICEGUI_STORAGE_PATH', str(Path(tempfile.gettempdir()) / f'fer_ros_web_{os.getuid()}'))

from fastapi import FastAPI
from nicegui import ui
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from fer_ros.web.board import Board
from fer_ros.web.pages.dashboard import Dashboard
from fer_ros.web.pages.headset import Headset
from fer_ros.web.stream import PictureStream

_OURS = ('/', '/headset', '/favicon.ico')
_ASSETS = ('/_nicegui/', '/_nicegui_ws/')

#: Seconds for which the server keeps what a page shows after its connection broke.
RECONNECT_TIMEOUT = 15.0


def create_pages(board: Board, stream: PictureStream) -> FastAPI:
    """Return an application with the pages; once in a process, since NiceGUI knows one only.

    It is mounted into others, whose lifespan has to run its own.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @ui.page('/')
    def dashboard(theme: str = '') -> None:
        Dashboard(board, stream, theme)

    @ui.page('/headset')
    def headset(size: str = '', labels: str = '', theme: str = '') -> None:
        Headset(board, size, labels, theme)

    # NiceGUI builds a page, and keeps it for a while, for any path that is asked for.
    app.add_middleware(_KnownPages)
    ui.run_with(
        app, title='fer_ros', dark=None, tailwind=False, show_welcome_message=False,
        favicon=Path(__file__).parents[1] / 'static' / 'icon.svg', language='en-US',
        reconnect_timeout=RECONNECT_TIMEOUT, binding_refresh_interval=None)
    return app


class _KnownPages:
    """Answers 404 to what is neither a page nor one of its assets."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get('path', '')
        if path in _OURS or path.startswith(_ASSETS):
            await self.app(scope, receive, send)
        elif scope['type'] == 'http':
            await JSONResponse({'detail': 'there is nothing here: see /docs'}, 404)(
                scope, receive, send)
        else:
            await receive()
            await send({'type': 'websocket.close', 'code': 1008})

"""The web application: API, pages and their guard, as one ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.util import find_spec
from pathlib import Path

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from fer_ros import __version__
from fer_ros.web.routes import ROUTERS
from fer_ros.web.services import Services
from fer_ros.web.serving.arguments import refuse_unknown_arguments
from fer_ros.web.serving.guard import Guard
from fer_ros.web.serving.login import create_login
from fer_ros.web.serving.settings import WebSettings

STATIC = Path(__file__).parent / 'static'

_ABOUT = """
The *apparent expression* of faces: what a face looks like to a model, not what a person feels.

`/events` as a WebSocket is a stream of events. Each event is a JSON object, `EventSchema` below. A
message from the client ends the stream. `/events` as an EventSource (Server-Sent Events) is the
same stream. A client that reconnects receives the events that it missed. If the server requires a
token, send `Authorization: Bearer TOKEN`. No picture and no video is stored.

`/frames` is a WebSocket for the frames of a camera. Send a JPEG of up to two megapixels and one
megabyte, wait for the answer, a `FacesSchema`, and then send the next one. A message with
`problem` gives the reason if frames are not accepted. In privacy mode, none are.

The pages use only this API.
"""


def create_application(
    services: Services,
    settings: WebSettings,
    pages: FastAPI | None = None,
) -> ASGIApp:
    """Return the application.

    Args:
        pages: From pages.routing.create_pages(); None serves only the API.
    """
    app = FastAPI(
        title='fer_ros',
        version=__version__,
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        lifespan=None if pages is None else _lifespan_of(pages),
        dependencies=[Depends(refuse_unknown_arguments)],
        exception_handlers={
            404: _nothing_here,
            405: _wrong_method,
            RequestValidationError: _wrong_value,
        },
    )
    app.state.services = services
    for router in (*ROUTERS, create_login(settings)):
        app.include_router(router)
    _add_documentation(app)
    app.mount('/static', StaticFiles(directory=STATIC), name='fer_ros')
    if pages is not None:
        # Imported here, because it needs NiceGUI and the API does not.
        from fer_ros.web.pages.routing import PagesMount

        app.router.routes.append(PagesMount(pages))
    guarded = Guard(app, settings)
    if not settings.cors_origins:
        return guarded
    return CORSMiddleware(
        guarded,
        allow_origins=settings.cors_origins,
        allow_methods=['GET', 'POST'],
        allow_headers=['Authorization', 'Content-Type'],
    )


async def _nothing_here(request: Request, error: Exception) -> Response:
    # Starlette's text if no route matches. Ours names the remedy.
    detail = getattr(error, 'detail', 'Not Found')
    if detail == 'Not Found':
        detail = 'this address does not exist: /docs lists all addresses'
    return JSONResponse({'detail': detail}, 404)


async def _wrong_method(request: Request, error: Exception) -> Response:
    headers = Headers(getattr(error, 'headers', None) or {})
    return JSONResponse(
        {
            'detail': f'{request.method} is not allowed for this address: use '
            f'{headers.get("allow", "GET")}'
        },
        405,
        dict(headers),
    )


async def _wrong_value(request: Request, error: Exception) -> Response:
    """Name the arguments with wrong values. The values that were sent are not repeated."""
    assert isinstance(error, RequestValidationError)
    problems = (f'{problem["loc"][-1]}: {problem["msg"]}' for problem in error.errors())
    return JSONResponse({'detail': '; '.join(problems)}, 422)


def _lifespan_of(pages: FastAPI) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Return a lifespan that starts and ends the pages with another application."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with pages.router.lifespan_context(pages):
            yield

    return lifespan


def _add_documentation(app: FastAPI) -> None:
    """Serve Swagger UI with the assets of fastapi-offline."""
    found = find_spec('fastapi_offline')
    assert found is not None
    assert found.origin is not None
    assets = Path(found.origin).parent / 'static'
    app.mount('/swagger', StaticFiles(directory=assets), name='swagger')

    @app.get('/docs', include_in_schema=False)
    async def documentation() -> HTMLResponse:
        return HTMLResponse((STATIC / 'docs.html').read_text(encoding='utf-8'))

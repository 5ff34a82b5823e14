"""Dashboard and HTTP API of a pipeline in this process. Needs the libraries of the web server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fer_ros.core.picture_classifier import PictureClassifier
from fer_ros.web.application import create_application
from fer_ros.web.board import Board
from fer_ros.web.pages import create_pages
from fer_ros.web.server import WebServer
from fer_ros.web.settings import WebSettings
from fer_ros.web.stream import PictureStream
from fer_ros.web.uploads import PictureService


@contextmanager
def serving(
    board: Board,
    stream: PictureStream,
    make_classifier: Callable[[], PictureClassifier],
    settings: WebSettings,
) -> Iterator[WebServer]:
    """Serve while the `with` block lasts.

    Args:
        board: What is known of faces, events and the pipeline.
        stream: The pictures.
        make_classifier: Makes what classifies uploads: of its own, since what the pipeline uses
            works on another thread.
        settings: Where to listen, and who may ask.

    Raises:
        WebError: The address cannot be had.
    """
    pictures = PictureService(make_classifier)
    application = create_application(
        board, stream, pictures, settings, create_pages(board, stream)
    )
    with WebServer(application, settings) as server:
        try:
            yield server
        finally:
            pictures.close()

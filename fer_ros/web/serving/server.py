"""The server of the application: uvicorn on a separate thread, with limits."""

from __future__ import annotations

import errno
import gc
import logging
import socket
import threading
import time

import uvicorn
from starlette.types import ASGIApp

from fer_ros.core.errors import reason_of
from fer_ros.web.errors import WebError
from fer_ros.web.serving.addresses import reachable_hosts
from fer_ros.web.serving.connections import patient_protocol
from fer_ros.web.serving.settings import WebSettings

#: Seconds that the server can take to start, and to end.
PATIENCE = 10.0

#: Largest size in bytes of a WebSocket message from a client.
MAX_MESSAGE = 1_000_000


class WebServer:
    """Serves an application from start() to stop(). It can be started again.

    Attributes:
        urls: Its addresses, the one to show to people first; empty before start().
    """

    def __init__(self, application: ASGIApp, settings: WebSettings) -> None:
        self._application = application
        self._settings = settings
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self.urls: list[str] = []

    @property
    def url(self) -> str:
        """Return the address to show to people, '' before start()."""
        return self.urls[0] if self.urls else ''

    def start(self) -> None:
        """Start to listen.

        Raises:
            WebError: The address or the port cannot be used.
        """
        listening = _listen(self._settings)
        try:
            self._serve(listening)
        except BaseException:
            listening.close()
            self.stop()
            raise
        _free_often()

    def _serve(self, listening: socket.socket) -> None:
        """Start the thread and wait until it accepts connections."""
        settings = self._settings
        host, port = listening.getsockname()[:2]
        self.urls = [f'http://{name}:{port}' for name in reachable_hosts(host)]
        # Errors of clients are answered, but not logged, because clients could fill the log.
        logging.getLogger('uvicorn').setLevel(logging.ERROR)
        self._server = uvicorn.Server(
            uvicorn.Config(
                self._application,
                http=patient_protocol(settings),
                ws='websockets-sansio',
                ws_max_size=MAX_MESSAGE,
                ws_per_message_deflate=False,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                limit_concurrency=settings.max_connections,
                timeout_graceful_shutdown=1,
            )
        )
        self._thread = threading.Thread(
            target=self._server.run, args=([listening],), name='web server', daemon=True
        )
        self._thread.start()
        deadline = time.monotonic() + PATIENCE
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise WebError('the web server did not start: the log shows the reason')
            time.sleep(0.01)

    def stop(self) -> None:
        """End and close open connections. A second call has no effect."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(PATIENCE)
        self._server = self._thread = None

    def __enter__(self) -> WebServer:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()


def _free_often() -> None:
    """Let the garbage collector free what pages leave behind within minutes.

    By default, it looks at old objects after 70 000 new ones. With one page open, these take ten
    minutes and several megabytes. What exists now lives as long as the server, therefore a look
    at the rest is cheap.
    """
    gc.unfreeze()  # What an earlier server left behind.
    gc.collect()
    gc.freeze()
    youngest, younger, _ = gc.get_threshold()
    gc.set_threshold(youngest, younger, 2)


def _listen(settings: WebSettings) -> socket.socket:
    """Return a listening socket. Raises WebError."""
    try:
        family, _, _, _, place = socket.getaddrinfo(
            settings.address, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(place)
            listening.listen(128)
        except OSError:
            listening.close()
            raise
    # Python refuses some names before the system does.
    except (OSError, UnicodeError) as error:
        remedy = 'choose another port, 0 for a free one'
        wrong_name = isinstance(error, (socket.gaierror, UnicodeError))
        if wrong_name or getattr(error, 'errno', 0) == errno.EADDRNOTAVAIL:
            remedy = 'use an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all'
        raise WebError(
            f'cannot listen on {settings.address!r} port {settings.port} ({reason_of(error)}): '
            f'{remedy}'
        ) from error
    return listening

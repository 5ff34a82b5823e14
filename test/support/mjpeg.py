"""A network camera: Motion JPEG over HTTP that can disconnect, stall and return."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

import cv2
import numpy as np
from numpy.typing import NDArray

_HEADER = b'HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n'


class NetworkCamera:
    """Serves pictures in turn to all clients, on one port of this machine.

    The camera is reachable when the `with` block begins.

    Attributes:
        connections: Number of connections so far.
    """

    def __init__(self, pictures: Sequence[NDArray[np.uint8]], fps: float = 20.0) -> None:
        self._jpegs = [cv2.imencode('.jpg', picture)[1].tobytes() for picture in pictures]
        self._period = 1 / fps
        self._listener: socket.socket | None = None
        self._open: list[socket.socket] = []
        self._stalled = False
        self.connections = 0
        with socket.socket() as probe:
            probe.bind(('127.0.0.1', 0))
            self.port = probe.getsockname()[1]

    @property
    def url(self) -> str:
        """Return its address."""
        return f'http://127.0.0.1:{self.port}/stream.mjpg'

    def __enter__(self) -> NetworkCamera:
        self.come_back()
        return self

    def __exit__(self, *exception: object) -> None:
        self.go()

    def come_back(self) -> None:
        """Listen again, and send to new clients."""
        self._stalled = False
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(('127.0.0.1', self.port))
        listener.listen()
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def go(self) -> None:
        """Refuse connections and close the existing ones."""
        self._end_listening()
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def stall(self) -> None:
        """Send nothing more over the existing connections; new clients are served."""
        self._stalled = True

    def hang(self) -> None:
        """Send nothing more over the existing connections, and accept no others."""
        self._stalled = True
        self._end_listening()

    def _end_listening(self) -> None:
        if self._listener is not None:
            # Wakes the thread in accept(), which close() alone does not.
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                self.connections += 1
                self._stalled = False
                self._open.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        number = self.connections
        with suppress(OSError), connection:
            connection.recv(4096)
            connection.sendall(_HEADER)
            due = time.monotonic()
            for index in range(10**9):
                while self._stalled and number == self.connections:
                    time.sleep(0.05)
                jpeg = self._jpegs[index % len(self._jpegs)]
                connection.sendall(
                    b'--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n'
                    % len(jpeg)
                    + jpeg
                    + b'\r\n'
                )
                due += self._period
                time.sleep(max(0.0, due - time.monotonic()))

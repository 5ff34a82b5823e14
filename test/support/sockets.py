"""WebSockets in tests: close codes, and headers of incomplete messages."""

from __future__ import annotations

import struct
from contextlib import suppress

from support.waiting import PATIENCE
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

TEXT, BINARY = 1, 2


def closed_code(socket: ClientConnection) -> int:
    """Wait until the server closes the connection; return its code."""
    with suppress(ConnectionClosed):
        while True:
            socket.recv(timeout=PATIENCE)
    assert socket.close_code is not None
    return socket.close_code


def announce(socket: ClientConnection, length: int, kind: int) -> None:
    """Send the header of a masked message, and none of its bytes.

    Bytes that the server leaves unread reset the connection, and the client may lose the close
    frame.
    """
    socket.socket.sendall(struct.pack('>BBQI', 0x80 | kind, 0xFF, length, 0))

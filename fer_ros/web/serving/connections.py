"""HTTP connections with timeouts, so that idle clients cannot keep them open.

uvicorn has no timeout for the head of a request, and none for a client that does not read its
answer.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from fer_ros.web.serving.settings import WebSettings


class PatientProtocol(H11Protocol):
    """Ends a connection if its client does not continue in time."""

    settings: ClassVar[WebSettings]

    _head_timer: asyncio.TimerHandle | None = None
    _write_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Accept a connection, unless there are too many to answer."""
        super().connection_made(transport)
        # Below this number, each gets an answer: 503 with limit_concurrency.
        if len(self.connections) > 2 * self.settings.max_connections:
            transport.abort()
            return
        self._watch_head()

    def data_received(self, data: bytes) -> None:
        """Receive bytes. The head must be complete in time, however slowly it arrives."""
        super().data_received(data)
        self._watch_head()

    def pause_writing(self) -> None:
        """Start the timeout for a client that does not read."""
        super().pause_writing()
        self._write_timer = self.loop.call_later(self.settings.write_time, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop the timeout, because the client reads."""
        super().resume_writing()
        self._stop_write_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel all timeouts."""
        self._stop_head_timer()
        self._stop_write_timer()
        super().connection_lost(exc)

    def _watch_head(self) -> None:
        waits = self.conn.their_state is h11.IDLE and not self.transport.is_closing()
        if not waits:
            self._stop_head_timer()
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(
                self.settings.header_time, self._end_head_timeout
            )

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _stop_write_timer(self) -> None:
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None

    def _end_head_timeout(self) -> None:
        self._head_timer = None
        if self.conn.their_state is not h11.IDLE or self.transport.is_closing():
            return
        if self.conn.our_state is h11.IDLE and self.conn.trailing_data[0]:
            self.transport.write(
                b'HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n'
            )
        self.transport.close()


def patient_protocol(settings: WebSettings) -> type[H11Protocol]:
    """Return uvicorn's HTTP protocol with timeouts."""

    class Configured(PatientProtocol):
        pass

    Configured.settings = settings
    return Configured

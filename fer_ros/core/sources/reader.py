"""Reads a source on a separate thread, and opens a lost one again."""

from __future__ import annotations

import threading
from collections.abc import Callable

from fer_ros.core.errors import SourceError
from fer_ros.core.sources.base import FrameSource, SourceConfig
from fer_ros.core.types import Frame

#: Seconds of the longest wait between two tries to open a live source again.
LONGEST_DELAY = 1.5

#: Seconds between two calls to close a source that is being read.
CLOSE_PERIOD = 0.2


class SourceReader:
    """Reads a source until it ends or is stopped.

    A live source that fails is closed and opened again, after a delay that doubles with each
    failure. All callbacks run on the reader's thread.

    Attributes:
        source: What is read.
        has_ended: Whether the source has ended.
        delay: Seconds until a live source is tried again after its first failure.
    """

    def __init__(
        self,
        source: FrameSource,
        on_frame: Callable[[Frame], None],
        on_failure: Callable[[Exception, bool], None],
        on_open: Callable[[], None] = lambda: None,
        on_end: Callable[[], None] = lambda: None,
        delay: float = SourceConfig().reconnect_delay,
    ) -> None:
        """Store a source that is not open.

        Args:
            source: What to read.
            on_frame: Called with each frame.
            on_failure: Called with the error, and whether the source is tried again. If not, the
                thread ends.
            on_open: Called each time when the source was opened.
            on_end: Called when the source has ended.
            delay: Seconds until a live source is tried again after its first failure.
        """
        self.source = source
        self.has_ended = False
        self._on_frame = on_frame
        self._on_failure = on_failure
        self._on_open = on_open
        self._on_end = on_end
        self.delay = delay
        self._stopping = threading.Event()
        self._is_open = False
        self._thread = threading.Thread(target=self._run, name='source', daemon=True)

    def start(self) -> None:
        """Start to read.

        Raises:
            SourceError: A source that is not live cannot be opened. A live one is tried repeatedly
                on the thread, because its answer can take seconds.
        """
        if not self.source.live:
            try:
                self._open()
            except BaseException:
                self.source.close()
                raise
        self._thread.start()

    def stop(self) -> None:
        """End the thread and close the source. It cannot be started again."""
        self._stopping.set()
        while self._thread.is_alive():
            # Repeatedly, because the thread may open the source again.
            self.source.close()
            self._thread.join(CLOSE_PERIOD)
        self.source.close()

    def _run(self) -> None:
        try:
            self._read()
        except Exception as error:  # no error ends the thread silently
            self._on_failure(error, False)

    def _read(self) -> None:
        delay = self.delay
        while not self._stopping.is_set():
            try:
                if not self._is_open:
                    self._open()
                frame = self.source.read()
            except SourceError as error:
                if self._stopping.is_set():
                    return
                self._on_failure(error, self.source.live)
                if not self.source.live:
                    return
                self.source.close()
                self._is_open = False
                self._stopping.wait(delay)
                delay = min(2 * delay, LONGEST_DELAY)
                continue
            if frame is None:
                break
            delay = self.delay
            self._on_frame(frame)
        if not self._stopping.is_set():
            self.has_ended = True
            self._on_end()

    def _open(self) -> None:
        self.source.open()
        self._is_open = True
        self._on_open()

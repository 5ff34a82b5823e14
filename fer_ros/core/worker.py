"""A worker thread that takes the newest item. Older items are dropped and counted."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar('Item')

#: The caller of take() has two thirds of the time for its own work, such as decoding the next
#: frame of a video.
REST = 2.0

_logger = logging.getLogger(__name__)


class LatestWorker(Generic[Item]):
    """Calls `handle` on a separate thread with one item at a time, the newest first.

    It uses plain locks. A threading.Condition is written in Python, and its calls take as long as
    to wake the thread.

    Args:
        handle: Called with an item. An exception is logged with its traceback and counted. The
            worker continues.
        name: Name of the thread.
        idle: Called on the same thread if no item arrived there for `idle_period`.
        idle_period: Seconds.
    """

    def __init__(
        self,
        handle: Callable[[Item], None],
        name: str,
        idle: Callable[[], None] | None = None,
        idle_period: float = 0.1,
    ) -> None:
        self._handle = handle
        self._idle = idle
        self._timeout = idle_period if idle is not None else -1
        self._lock = threading.Lock()
        self._item: Item | None = None
        self._running = False
        # Locked while there is nothing to do for the thread.
        self._rest = threading.Lock()
        self._rest.acquire()
        # Locked while an item is handled.
        self._turn = threading.Lock()
        self._thread: threading.Thread | None = None
        self._name = name
        self._dropped = 0
        self._failed = 0
        # When the last item was finished, and how long it took, seconds.
        self._ended = self._took = 0.0

    @property
    def dropped(self) -> int:
        """Return the number of items that a newer one or stop() removed before their turn."""
        return self._dropped

    @property
    def failed(self) -> int:
        """Return the number of items that raised an exception."""
        return self._failed

    @property
    def has_next(self) -> bool:
        """Return whether an item waits for its turn."""
        return self._item is not None

    def start(self) -> None:
        """Start the thread. Starting twice does nothing."""
        if self._thread is None:
            self._running = True
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Finish the current item, drop a waiting one and end the thread."""
        if self._thread is None:
            return
        with self._lock:
            self._running = False
            self._wake()
        self._thread.join()
        self._thread = None
        with self._lock:
            self._replace(None)

    def submit(self, item: Item) -> None:
        """Offer an item and return immediately. Without a running thread, it is ignored."""
        with self._lock:
            if self._running:
                self._replace(item)
                self._wake()

    def take(self, item: Item) -> None:
        """Handle an item on the thread of the caller while there is little work, or submit it.

        There is little work if the time since the last item is REST times as long as that item
        took. The items of the caller wait meanwhile.
        """
        has_time = time.monotonic() - self._ended > REST * self._took
        if not (has_time and self.handle_here(item)):
            self.submit(item)

    def handle_here(self, item: Item) -> bool:
        """Handle an item on the thread of the caller, without a change of thread.

        Returns:
            Whether it was handled. If not, because another item is being handled, submit it.
        """
        if not self._turn.acquire(blocking=False):
            return False
        try:
            with self._lock:
                self._replace(None)
                is_running = self._running
            if is_running:
                self._work_on(item)
        finally:
            self._turn.release()
        return True

    def _replace(self, item: Item | None) -> None:
        self._dropped += self._item is not None
        self._item = item

    def _wake(self) -> None:
        if self._rest.locked():
            self._rest.release()

    def _run(self) -> None:
        while True:
            has_item = self._rest.acquire(timeout=self._timeout)
            with self._turn:
                with self._lock:
                    if not self._running:
                        return
                    item, self._item = self._item, None
                if item is not None:
                    self._work_on(item)
                elif self._idle is not None and not has_item:
                    self._attempt(self._idle)

    def _work_on(self, item: Item) -> None:
        start = time.monotonic()
        self._attempt(self._handle, item)
        self._ended = time.monotonic()
        self._took = self._ended - start

    def _attempt(self, function: Callable[..., None], *arguments: Item) -> None:
        try:
            function(*arguments)
        except Exception:
            self._failed += 1
            _logger.exception('%s failed on an item and continues', self._name)

"""A worker thread that takes the newest item. Older items are dropped and counted."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar('Item')

_logger = logging.getLogger(__name__)


class LatestWorker(Generic[Item]):
    """Calls `handle` on a separate thread with one item at a time, the newest first.

    Args:
        handle: Called with an item. An exception is logged with its traceback and counted. The
            worker continues.
        name: Of the thread.
        idle: Called on the same thread if no item arrived for `idle_period`.
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
        self._timeout = idle_period if idle is not None else None
        self._condition = threading.Condition()
        self._item: Item | None = None
        self._running = False
        self._thread: threading.Thread | None = None
        self._name = name
        self._dropped = 0
        self._failed = 0

    @property
    def dropped(self) -> int:
        """Return the number of items that a newer one or stop() removed before their turn."""
        return self._dropped

    @property
    def failed(self) -> int:
        """Return the number of items that raised an exception."""
        return self._failed

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
        with self._condition:
            self._running = False
            self._condition.notify()
        self._thread.join()
        self._thread = None
        if self._item is not None:
            self._dropped += 1
            self._item = None

    def submit(self, item: Item) -> None:
        """Offer an item and return immediately. Without a running thread, it is ignored."""
        with self._condition:
            if not self._running:
                return
            if self._item is not None:
                self._dropped += 1
            self._item = item
            self._condition.notify()

    def _run(self) -> None:
        while True:
            with self._condition:
                if self._item is None and self._running:
                    self._condition.wait(self._timeout)
                if not self._running:
                    return
                item, self._item = self._item, None
            try:
                if item is not None:
                    self._handle(item)
                elif self._idle is not None:
                    self._idle()
            except Exception:
                self._failed += 1
                _logger.exception('%s failed on an item and continues', self._name)

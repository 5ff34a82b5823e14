"""Processing of several items at once, with the results in the order of the items."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from typing import Any, TypeVar

from fer_ros.core.sources.base import FrameSource
from fer_ros.core.types import Frame

Item = TypeVar('Item')
Result = TypeVar('Result')

#: Number of frames that are decoded in advance.
READ_AHEAD = 3

#: Pictures written and waiting to be written: one of each.
WRITE_AHEAD = 2

#: Seconds after which threads that wait for a core check the number of cores again.
SHARE_PERIOD = 0.5


@dataclass(frozen=True, slots=True)
class Cores:
    """The number of cores that an input can use: at most `most`, and now() at the moment."""

    most: int
    now: Callable[[], int]


ONE_CORE = Cores(1, lambda: 1)


class InlineExecutor(Executor):
    """Runs each submitted call immediately, in the submitting thread."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run the call and return a completed future."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class SharedExecutor(ThreadPoolExecutor):
    """Uses one thread more than there are cores, so that no core waits for the next item."""

    def __init__(self, cores: Cores) -> None:
        super().__init__(cores.most + 1)
        self._cores = cores
        self._running = 0
        self._changed = threading.Condition()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run the call when a core is available."""
        return super().submit(self._run, fn, *args, **kwargs)

    def _run(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        with self._changed:
            while self._running > self._cores.now():
                self._changed.wait(SHARE_PERIOD)
            self._running += 1
        try:
            return fn(*args, **kwargs)
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify()


def ahead(
    items: Iterable[Item],
    work: Callable[[Item], Result],
    executor: Executor,
    window: Callable[[], int],
) -> Iterator[tuple[Item, Result]]:
    """Yield each item with its result, in order. Up to window() items are in progress.

    window is called for each item, because it can change. Raises the error of `work` at its item.
    """
    under_way: deque[tuple[Item, Future[Result]]] = deque()
    try:
        for item in items:
            under_way.append((item, executor.submit(work, item)))
            while len(under_way) >= window():
                item, future = under_way.popleft()
                yield item, future.result()
        while under_way:
            item, future = under_way.popleft()
            yield item, future.result()
    finally:
        for _, future in under_way:
            future.cancel()


def read_ahead(source: FrameSource, executor: Executor, serial: bool) -> Iterator[Frame]:
    """Yield the frames of an open source and decode the next ones meanwhile.

    Args:
        executor: With one thread, or inline, because only one thread can read a source.
    """
    frames = ahead(
        repeat(source), lambda one: one.read(), executor, lambda: 1 if serial else READ_AHEAD
    )
    for _, frame in frames:
        if frame is None:
            return
        yield frame

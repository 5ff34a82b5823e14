"""Values that one thread passes to another."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

Value = TypeVar('Value')


class Handover(Generic[Value]):
    """Passes the newest value to another thread, once. No value is lost between two calls."""

    def __init__(self) -> None:
        self._values: deque[Value] = deque(maxlen=1)

    def put(self, value: Value) -> None:
        """Offer a value. It replaces one that was not taken yet."""
        self._values.append(value)

    def take(self) -> Value | None:
        """Return the value that was offered since the last call. None if there is none."""
        try:
            return self._values.pop()
        except IndexError:
            return None

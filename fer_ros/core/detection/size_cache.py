"""Objects that a detector creates once for each image size. A sequence has few sizes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

Value = TypeVar('Value')

#: Pixels of all sizes in the cache. Images of many different sizes must not fill the memory.
MAX_PIXELS = 4_000_000


class SizeCache(Generic[Value]):
    """Buffers or networks by the width and height of the image they were created for.

    Args:
        create: Creates one from width and height in pixels.
    """

    def __init__(self, create: Callable[[int, int], Value]) -> None:
        self._create = create
        self._values: dict[tuple[int, int], Value] = {}
        self._pixels = 0

    def get(self, image: Any) -> Value:
        """Return the value for the size of an image (H, W, ...). It is created if it is new."""
        height, width = image.shape[:2]
        value = self._values.get((width, height))
        if value is None:
            if self._pixels + width * height > MAX_PIXELS:
                self._values.clear()
                self._pixels = 0
            value = self._values[width, height] = self._create(width, height)
            self._pixels += width * height
        return value

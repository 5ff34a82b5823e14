"""What a detector keeps for each size of image: a sequence is searched in a handful of sizes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

Kept = TypeVar('Kept')

#: Pixels of all kept sizes together. Pictures of ever new sizes must not fill the memory.
MAX_PIXELS = 4_000_000


class PerSize(Generic[Kept]):
    """Buffers or networks by the width and height they are made for.

    create: makes one, from width and height.
    """

    def __init__(self, create: Callable[[int, int], Kept]) -> None:
        self._create = create
        self._kept: dict[tuple[int, int], Kept] = {}
        self._pixels = 0

    def of(self, image: Any) -> Kept:
        """Return what is kept for an image (H, W, ...) of this size; made when it first comes."""
        height, width = image.shape[:2]
        found = self._kept.get((width, height))
        if found is None:
            if self._pixels + width * height > MAX_PIXELS:
                self._kept.clear()
                self._pixels = 0
            found = self._kept[width, height] = self._create(width, height)
            self._pixels += width * height
        return found

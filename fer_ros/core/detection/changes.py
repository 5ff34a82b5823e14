"""Changes between frames. A region without a change is not searched again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import cv2

from fer_ros.core.detection.base import half_of, halved, scaled_image
from fer_ros.core.detection.window import Window
from fer_ros.core.types import S_TO_NS, Frame

#: Frames are compared by the means of square cells. CELL is the side of a cell in pixels, as two
#: halves give it. A frame has changed if the mean of a cell differs by LEAST_CHANGE gray levels.
#: The noise of a camera, 3 levels, changes a mean by 1. A face of 12 pixels covers 9 cells.
CELL = 4
LEAST_CHANGE = 8

#: Seconds after which everything counts as changed, so that a face that was missed by a small
#: margin is searched again.
MAX_AGE = 5.0


@dataclass(frozen=True, slots=True)
class CellMeans:
    """The mean gray levels of the cells of a frame, or of a window of it.

    Attributes:
        means: (rows, columns[, channels]) uint8, one value for each CELL x CELL pixels.
        stamp: Of the frame, nanoseconds.
    """

    means: Any
    stamp: int

    @staticmethod
    def of(frame: Frame, window: Window | None = None) -> CellMeans:
        """Return the means of the cells that are completely inside a window.

        Args:
            frame: The frame.
            window: A part of it. None means the whole frame.

        Raises:
            EncodingError: The image does not match its encoding.
        """
        if window is None:
            return CellMeans(halved(half_of(frame)), frame.stamp)
        top, left, bottom, right = _cells_of(window)
        image = scaled_image(frame, 1.0)
        pixels: Any = image[top * CELL : bottom * CELL, left * CELL : right * CELL]
        if pixels.size:
            pixels = halved(halved(pixels))
        return CellMeans(pixels, frame.stamp)

    def cut(self, window: Window) -> CellMeans:
        """Return the cells of a window. These must be the cells of a whole frame."""
        top, left, bottom, right = _cells_of(window)
        return CellMeans(self.means[top:bottom, left:right], self.stamp)

    def differ_from(self, earlier: CellMeans | None, ignored: Iterable[Window] = ()) -> bool:
        """Return whether a cell has changed.

        Args:
            earlier: The same cells of an earlier frame. None, or cells older than MAX_AGE, count
                as different.
            ignored: Windows whose cells are not compared.
        """
        if (
            earlier is None
            or not self.means.size
            or (self.stamp - earlier.stamp) / S_TO_NS > MAX_AGE
        ):
            return True
        difference = cv2.absdiff(self.means, earlier.means)
        for window in ignored:
            top, left, bottom, right = _cells_of(window)
            difference[top:bottom, left:right] = 0
        return bool(difference.max() >= LEAST_CHANGE)


def _cells_of(window: Window) -> tuple[int, int, int, int]:
    """Return top, left, bottom, right of the cells that are completely inside a window."""
    top, left = -(-window.top // CELL), -(-window.left // CELL)
    return top, left, (window.top + window.height) // CELL, (window.left + window.width) // CELL

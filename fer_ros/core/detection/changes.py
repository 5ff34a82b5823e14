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
        stamp: Stamp of the frame, in nanoseconds.
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

    def changed_part(
        self, earlier: CellMeans | None, ignored: Iterable[Window] = ()
    ) -> Window | None:
        """Return the smallest part that contains all changed cells. None if no cell has changed.

        Args:
            earlier: The same cells of an earlier frame. If it is None or older than MAX_AGE, all
                cells count as changed.
            ignored: Windows whose cells are not compared.
        """
        rows, columns = self.means.shape[:2]
        if (
            earlier is None
            or not self.means.size
            or (self.stamp - earlier.stamp) / S_TO_NS > MAX_AGE
        ):
            return Window(0, 0, columns * CELL, rows * CELL)
        difference = cv2.absdiff(self.means, earlier.means)
        for window in ignored:
            top, left, bottom, right = _cells_of(window)
            difference[top:bottom, left:right] = 0
        # The channels of a cell are side by side.
        difference = difference.reshape(rows, -1)
        changed = cv2.threshold(difference, LEAST_CHANGE - 1, 255, cv2.THRESH_BINARY)[1]
        x, top, width, height = cv2.boundingRect(changed)
        if not width:
            return None
        channels = difference.shape[1] // columns
        left, right = x // channels, -(-(x + width) // channels)
        return Window(left * CELL, top * CELL, (right - left) * CELL, height * CELL)

    def with_newer(self, newer: CellMeans, window: Window) -> CellMeans:
        """Return a copy with the means of newer cells in a window, and the stamp of these."""
        means = self.means.copy()
        top, left, bottom, right = _cells_of(window)
        means[top:bottom, left:right] = newer.means[top:bottom, left:right]
        return CellMeans(means, self.stamp)


def _cells_of(window: Window) -> tuple[int, int, int, int]:
    """Return top, left, bottom, right of the cells that are completely inside a window."""
    top, left = -(-window.top // CELL), -(-window.left // CELL)
    return top, left, (window.top + window.height) // CELL, (window.left + window.width) // CELL

"""Whether a frame shows anything new: what shows nothing new is not searched again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import cv2

from fer_ros.core.detection.base import scaled_image
from fer_ros.core.detection.window import Window
from fer_ros.core.types import S_TO_NS, Frame

#: A frame is compared by the means of squares of so many pixels a side, and has changed where one
#: is so many gray levels off. The noise of a camera, 3 levels, changes a mean by 1; a face of 12
#: pixels covers 9 squares.
CELL = 4
LEAST_CHANGE = 8

#: Seconds after which everything counts as new: a face that was hardly missed gets another look.
TRUST = 5.0


@dataclass(frozen=True, slots=True)
class Squares:
    """The means of the squares of a frame, or of a part of it.

    means: uint8, with a row and a column for each CELL pixels of the frame, and its channels.
    """

    means: Any
    stamp: int

    @staticmethod
    def of(frame: Frame, part: Window | None = None) -> Squares:
        """Return the squares that lie in a part of a frame as a whole; None: in all of it.

        Raises EncodingError where the image does not fit its encoding.
        """
        part = part or Window(0, 0, frame.width, frame.height)
        top, left, bottom, right = _inside(part)
        image = scaled_image(frame, 1.0)
        pixels: Any = image[top * CELL : bottom * CELL, left * CELL : right * CELL]
        if pixels.size:
            pixels = cv2.resize(pixels, (right - left, bottom - top), interpolation=cv2.INTER_AREA)
        return Squares(pixels, frame.stamp)

    def part(self, part: Window) -> Squares:
        """Return those of a part, of the squares of a whole frame."""
        top, left, bottom, right = _inside(part)
        return Squares(self.means[top:bottom, left:right], self.stamp)

    def show_news(self, before: Squares | None, known: Iterable[Window] = ()) -> bool:
        """Tell whether anything has changed since then, apart from what known windows hold."""
        if before is None or not self.means.size or (self.stamp - before.stamp) / S_TO_NS > TRUST:
            return True
        difference = cv2.absdiff(self.means, before.means)
        for window in known:
            top, left, bottom, right = _inside(window)
            difference[top:bottom, left:right] = 0
        return bool(difference.max() >= LEAST_CHANGE)


def _inside(part: Window) -> tuple[int, int, int, int]:
    """Return top, left, bottom, right of the squares that lie in a part as a whole."""
    top, left = -(-part.top // CELL), -(-part.left // CELL)
    return top, left, (part.top + part.height) // CELL, (part.left + part.width) // CELL

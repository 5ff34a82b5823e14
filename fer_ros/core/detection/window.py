"""Parts of a frame that are searched instead of the whole, and what is found in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from fer_ros.core.types import Box, Detection, Frame

#: Side of the square around a face, in heights of its box.
CLOSE_UP = 2.0

#: Sides of squares are multiples of this and at least so long, in pixels: few sizes, few buffers.
SIDE_STEP = 32
MIN_SIDE = 64

#: A box that comes closer to an inner edge of a window, in pixels, may be cut off by it.
EDGE = 1.0

#: Intersection over union from which on two boxes are the same face.
MAX_IOU = 0.3


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a frame in whole pixels, and the scale at which it is searched."""

    left: int
    top: int
    width: int
    height: int
    scale: float = 1.0

    @property
    def pixels(self) -> float:
        """Return how many pixels are searched."""
        return self.width * self.height * self.scale**2

    def view(self, frame: Frame) -> Frame:
        """Return this part of a frame, without a copy."""
        rows, columns = (
            slice(self.top, self.top + self.height),
            slice(self.left, self.left + self.width),
        )
        return Frame(frame.image[rows, columns], frame.encoding, frame.stamp, frame.frame_id)

    def to_frame(self, face: Detection) -> Detection:
        """Return a face found in view() as seen in the frame."""
        box, landmarks = face.box, face.landmarks
        return Detection(
            Box(box.x + self.left, box.y + self.top, box.width, box.height),
            face.confidence,
            None if landmarks is None else landmarks + np.array([self.left, self.top], np.float32),
        )

    def holds(self, box: Box, frame: Frame) -> bool:
        """Tell whether a box lies inside as a whole; over the frame's edge it may reach."""
        right, bottom = self.left + self.width, self.top + self.height
        return (
            (self.left == 0 or box.x >= self.left + EDGE)
            and (self.top == 0 or box.y >= self.top + EDGE)
            and (right == frame.width or box.x + box.width <= right - EDGE)
            and (bottom == frame.height or box.y + box.height <= bottom - EDGE)
        )


def window_about(
    center: tuple[float, float], width: int, height: int, frame: Frame, scale: float = 1.0
) -> Window:
    """Return a window about a point, moved so that it lies in the frame, no larger than that."""
    width, height = min(width, frame.width), min(height, frame.height)
    left = min(max(round(center[0] - width / 2), 0), frame.width - width)
    top = min(max(round(center[1] - height / 2), 0), frame.height - height)
    return Window(left, top, width, height, scale)


def close_ups(boxes: Iterable[Box], frame: Frame) -> list[Window]:
    """Return windows that hold all boxes, in full resolution; one may hold several."""
    windows: list[Window] = []
    for box in boxes:
        if not any(window.holds(box, frame) for window in windows):
            steps = -(-CLOSE_UP * box.height // SIDE_STEP)
            side = max(int(steps) * SIDE_STEP, MIN_SIDE)
            windows.append(window_about(box.center, side, side, frame))
    return windows


def shrunk_close_up(box: Box, side: int, frame: Frame) -> Window:
    """Return the window about a box, shrunk to a side in pixels if it is larger."""
    full_side = max(round(CLOSE_UP * box.height), side)
    return window_about(box.center, full_side, full_side, frame, side / full_side)


def merged(sure: Iterable[Detection], others: Iterable[Detection]) -> list[Detection]:
    """Return each face once, most certain first.

    sure: stand as they are. others: of those on the same face the most certain stays, and none
    whose centre lies in another face: it would be a part of that.
    """
    kept = list(sure)
    for face in sorted(others, key=lambda face: -face.confidence):
        if not any(
            face.box.iou(other.box) > MAX_IOU or contains(other.box, face.box.center)
            for other in kept
        ):
            kept.append(face)
    return sorted(kept, key=lambda face: -face.confidence)


def contains(box: Box, point: tuple[float, float]) -> bool:
    """Tell whether a point lies in a box."""
    x, y = point
    return box.x <= x <= box.x + box.width and box.y <= y <= box.y + box.height

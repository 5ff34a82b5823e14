"""Windows: parts of a frame that are searched instead of the whole frame."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from fer_ros.core.types import Box, Detection, Frame

#: Side of the square window around a face, in heights of its box.
CLOSE_UP = 2.0

#: Sides of windows are multiples of SIDE_STEP, in pixels, because few sizes need few buffers, and
#: at least MIN_SIDE. Of the faces of 24 to 27 pixels that RetinaFace finds in whole pictures, it
#: finds 0.85 in windows of 96 pixels and 0.67 in windows of 64 pixels.
SIDE_STEP = 32
MIN_SIDE = 96

#: Pixels by which the changed part of a frame is widened at least.
MIN_MARGIN = 64

#: Sides of shrunk windows are multiples of EVEN pixels, because halves of even sides are fast.
EVEN = 8

#: A box closer to an inner edge of a window than this, in pixels, may be cut off by it.
EDGE = 1.0

#: Boxes with a larger intersection over union are the same face.
MAX_IOU = 0.3


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a frame, and the scale at which it is searched.

    Attributes:
        left: Left edge in pixels of the frame.
        top: Top edge in pixels of the frame.
        width: In pixels of the frame.
        height: In pixels of the frame.
        scale: Scale of the searched image relative to the frame, (0, 1].
    """

    left: int
    top: int
    width: int
    height: int
    scale: float = 1.0

    @property
    def pixels(self) -> float:
        """Return the number of searched pixels."""
        return self.width * self.height * self.scale**2

    def view(self, frame: Frame) -> Frame:
        """Return this part of a frame, without a copy."""
        if (self.width, self.height) == (frame.width, frame.height):
            return frame
        rows, columns = (
            slice(self.top, self.top + self.height),
            slice(self.left, self.left + self.width),
        )
        return Frame(frame.image[rows, columns], frame.encoding, frame.stamp, frame.frame_id)

    def to_frame(self, face: Detection) -> Detection:
        """Convert a face found in view() to pixels of the frame."""
        box, landmarks = face.box, face.landmarks
        return Detection(
            Box(box.x + self.left, box.y + self.top, box.width, box.height),
            face.confidence,
            None if landmarks is None else landmarks + np.array([self.left, self.top], np.float32),
        )

    def holds(self, box: Box, frame: Frame) -> bool:
        """Return whether a box is completely inside. It may extend over an edge of the frame."""
        right, bottom = self.left + self.width, self.top + self.height
        return (
            (self.left == 0 or box.x >= self.left + EDGE)
            and (self.top == 0 or box.y >= self.top + EDGE)
            and (right == frame.width or box.x + box.width <= right - EDGE)
            and (bottom == frame.height or box.y + box.height <= bottom - EDGE)
        )


def window_around(
    center: tuple[float, float], width: int, height: int, frame: Frame, scale: float = 1.0
) -> Window:
    """Return a window around a point, moved and limited so that it is inside the frame.

    Args:
        center: In pixels of the frame.
        width: Wanted width, pixels.
        height: Wanted height, pixels.
        frame: The frame.
        scale: At which the window is searched, (0, 1].
    """
    width, height = min(width, frame.width), min(height, frame.height)
    left = min(max(round(center[0] - width / 2), 0), frame.width - width)
    top = min(max(round(center[1] - height / 2), 0), frame.height - height)
    return Window(left, top, width, height, scale)


def close_ups(boxes: Iterable[Box], frame: Frame) -> list[Window]:
    """Return windows at full resolution that contain all boxes. One may contain several."""
    windows: list[Window] = []
    for box in boxes:
        if not any(window.holds(box, frame) for window in windows):
            steps = -(-CLOSE_UP * box.height // SIDE_STEP)
            side = max(int(steps) * SIDE_STEP, MIN_SIDE)
            windows.append(window_around(box.center, side, side, frame))
    return windows


def shrunk_close_up(box: Box, side: int, frame: Frame) -> Window:
    """Return the window around a box, shrunk to about `side` pixels if it is larger."""
    full_side = max(round(CLOSE_UP * box.height / EVEN) * EVEN, side)
    return window_around(box.center, full_side, full_side, frame, side / full_side)


def widened(changed: Window) -> Window:
    """Return a window that contains every face of which a changed part is the half or more.

    It may extend over the edges of the frame.
    """
    margin = max(changed.width // 2, changed.height // 2, MIN_MARGIN)
    return Window(
        changed.left - margin,
        changed.top - margin,
        changed.width + 2 * margin,
        changed.height + 2 * margin,
    )


def enclosing(windows: Sequence[Window], frame: Frame, scale: float) -> Window:
    """Return a window around others, searched at a scale. It is part of the frame.

    Its sides are multiples of SIDE_STEP at that scale.
    """
    left = min(window.left for window in windows)
    top = min(window.top for window in windows)
    right = max(window.left + window.width for window in windows)
    bottom = max(window.top + window.height for window in windows)
    step = SIDE_STEP / scale
    width, height = (round(math.ceil(side / step) * step) for side in (right - left, bottom - top))
    return window_around(((left + right) / 2, (top + bottom) / 2), width, height, frame, scale)


def merged(sure: Iterable[Detection], others: Iterable[Detection]) -> list[Detection]:
    """Return each face once, with the highest confidence first.

    Args:
        sure: Are all kept.
        others: The one with the highest confidence is kept for each face. One whose centre is
            inside another face is a part of that face and is removed.
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
    """Return whether a point is inside a box."""
    x, y = point
    return box.x <= x <= box.x + box.width and box.y <= y <= box.y + box.height

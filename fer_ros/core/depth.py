"""The distance of a face, from a depth image that is aligned with the picture."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.position import CameraModel
from fer_ros.core.types import S_TO_NS, Box, Position

#: The middle part of the box of a face, which shows only skin with any hairstyle.
CORE = 0.5

#: Of that part, the required share of pixels with a depth, and their smallest number.
LEAST_SHARE, LEAST_PIXELS = 0.15, 12

#: Deviation from the median, in standard deviations, above which a pixel belongs to another
#: object.
OUTLIER = 3.0

#: Relative standard deviation of the best depth, and the one due to the shape of a face, metres.
RELATIVE_STDDEV, FACE_RELIEF = 0.01, 0.015

#: Number of depth images that are kept, to find the one of a picture.
KEPT = 16

#: Standard deviation of a normal distribution, in median absolute deviations.
_NORMAL = 1.4826


@dataclass(frozen=True, slots=True)
class DepthImage:
    """Distances along the optical axis: (H, W) float32 metres or uint16 millimetres.

    0, NaN and infinity mean that the depth is unknown.

    Attributes:
        stamp: Nanoseconds.
    """

    image: NDArray[Any]
    stamp: int


class DepthBuffer:
    """The newest depth images, by the stamp of the colour image.

    Args:
        tolerance: Largest difference of the stamps, seconds, > 0.
    """

    def __init__(self, tolerance: float) -> None:
        self.tolerance = tolerance
        self._images: deque[DepthImage] = deque(maxlen=KEPT)

    def add(self, depth: DepthImage) -> None:
        """Keep a depth image."""
        self._images.append(depth)

    def at(self, stamp: int) -> DepthImage | None:
        """Return the depth image nearest in time, or None if none is near enough."""
        # A copy, because images arrive on another thread.
        nearest = min(tuple(self._images), key=lambda one: abs(one.stamp - stamp), default=None)
        if nearest is None or abs(nearest.stamp - stamp) / S_TO_NS > self.tolerance:
            return None
        return nearest


def position_from_depth(box: Box, camera: CameraModel, depth: NDArray[Any]) -> Position | None:
    """Return the position of a face from the median depth, without outliers.

    Args:
        box: In pixels of the colour image.
        camera: Camera for an image of the size of the colour image.
        depth: As in DepthImage, aligned with the colour image, at any resolution.

    Returns:
        The position. None if too few pixels have a depth.
    """
    height, width = depth.shape
    across, down = width / camera.width, height / camera.height
    x, y = box.center
    core = Box(
        (x - CORE * box.width / 2) * across,
        (y - CORE * box.height / 2) * down,
        CORE * box.width * across,
        CORE * box.height * down,
    )
    left, top, columns, rows = core.clipped(width, height)
    part = depth[top : top + rows, left : left + columns]
    metres = part.astype(np.float32).ravel()
    if depth.dtype == np.uint16:
        metres *= 0.001
    known = metres[np.isfinite(metres) & (metres > 0.0)]
    if len(known) < max(LEAST_PIXELS, LEAST_SHARE * metres.size):
        return None
    middle = float(np.median(known))
    spread = _NORMAL * float(np.median(np.abs(known - middle)))
    limit = OUTLIER * max(spread, FACE_RELIEF)
    z = float(np.median(known[np.abs(known - middle) <= limit]))
    # Whole numbers are pixel edges in boxes, and pixel centres in the principal point.
    u, v = (x - 0.5 - camera.cx) / camera.fx, (y - 0.5 - camera.cy) / camera.fy
    stddev = float(np.hypot(RELATIVE_STDDEV * z, FACE_RELIEF) * np.sqrt(1.0 + u * u + v * v))
    return Position(u * z, v * z, z, stddev)

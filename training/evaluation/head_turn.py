"""Rotation of a head in a flat picture, as if the face were on a cylinder.

This is an approximation: hidden parts do not appear, noses do not protrude, and real heads turn
about the neck. It shows the effect of foreshortening.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

#: Radius of the cylinder as a share of the side: about half the width of a head, and more from
#: forehead to chin.
RADIUS_YAW, RADIUS_PITCH = 0.55, 0.75


def turn_head(image: NDArray[np.uint8], degrees: float) -> NDArray[np.uint8]:
    """Turn a face of (S, S[, 3]) to the right of the picture (positive) or left, up to 60 degrees.

    The middle between the axis of the head and the nose does not move, like the box of a detector.
    """
    side = image.shape[0]
    across = _source_positions(side, np.deg2rad(degrees), RADIUS_YAW)
    down = np.arange(side, dtype=np.float32)
    return _remap(image, *np.meshgrid(across, down))


def nod_head(image: NDArray[np.uint8], degrees: float) -> NDArray[np.uint8]:
    """Turn a face down (positive) or up, up to 60 degrees, in the same way."""
    side = image.shape[0]
    down = _source_positions(side, np.deg2rad(degrees), RADIUS_PITCH)
    across = np.arange(side, dtype=np.float32)
    return _remap(image, *np.meshgrid(across, down))


def _source_positions(side: int, angle: float, radius: float) -> NDArray[np.float32]:
    """Return the original position in pixels of each position on an axis of the turned picture."""
    place = ((np.arange(side) + 0.5) / side - 0.5) / radius + np.sin(angle) / 2
    before = radius * np.sin(np.arcsin(np.clip(place, -1, 1)) - angle)
    positions: NDArray[np.float32] = ((before + 0.5) * side - 0.5).astype(np.float32)
    return positions


def _remap(
    image: NDArray[np.uint8], across: NDArray[np.float32], down: NDArray[np.float32]
) -> NDArray[np.uint8]:
    turned = cv2.remap(image, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return turned.astype(np.uint8, copy=False)

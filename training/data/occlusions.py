"""Drawn occlusions, such as glasses and masks, for pictures with the framing of FER2013.

Places are shares of the picture's side. In 692 pictures of FER2013 RetinaFace finds, median,
eyes at (0.31, 0.38) and (0.68, 0.38), the nose's tip at (0.49, 0.59), corners of the mouth at
(0.35, 0.76) and (0.65, 0.76).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

EYES = ((0.31, 0.385), (0.69, 0.385))
#: Half axes of a lens.
LENS = (0.145, 0.11)
CHEEKS = (0.08, 0.92)
#: Factor by which drawings are finer before averaging, so that edges are as soft as in
#: photographs.
FINER = 8


def cover_mouth(image: Picture, top: float, level: int) -> Picture:
    """Cover everything below the height `top`, (0, 1), with a mask of one gray level, 0 to 255."""

    def draw(mask: NDArray[np.uint8], side: int) -> None:
        left, right = CHEEKS
        outline = [(left, top + 0.06), (0.5, top), (right, top + 0.06), (0.8, 0.97), (0.5, 1.0),
                   (0.2, 0.97)]  # fmt: skip
        cv2.fillPoly(mask, [np.array(_points(outline, side), np.int32)], (255,))

    return _overlay(image, draw, level)


def cover_eyes(image: Picture, height: float, level: int) -> Picture:
    """Draw a bar of one gray level across the eyes. Its height is a share of the side."""

    def draw(mask: NDArray[np.uint8], side: int) -> None:
        middle = EYES[0][1]
        corners = [(0.05, middle - height / 2), (0.95, middle + height / 2)]
        start, end = _points(corners, side)
        cv2.rectangle(mask, start, end, (255,), cv2.FILLED)

    return _overlay(image, draw, level)


def wear_glasses(image: Picture, rim: float, level: int = 25) -> Picture:
    """Draw glasses with rims of a width (a share of the side), a bridge and temples."""

    def draw(mask: NDArray[np.uint8], side: int) -> None:
        thick = max(round(rim * side), 1)
        for eye in EYES:
            _lens(mask, eye, side, thick)
        for ends in (
            ((EYES[0][0] + LENS[0], 0.38), (EYES[1][0] - LENS[0], 0.38)),
            ((0.02, 0.35), (EYES[0][0] - LENS[0], 0.38)),
            ((EYES[1][0] + LENS[0], 0.38), (0.98, 0.35)),
        ):
            start, end = _points(ends, side)
            cv2.line(mask, start, end, (255,), thick)

    return _overlay(image, draw, level)


def wear_dark_glasses(image: Picture, opacity: float, level: int = 25) -> Picture:
    """Draw dark glasses. The lenses transmit 1 - opacity, [0, 1], of the light."""

    def draw(mask: NDArray[np.uint8], side: int) -> None:
        for eye in EYES:
            _lens(mask, eye, side, cv2.FILLED)
        mask[:] = np.rint(mask * opacity).astype(np.uint8)

    return wear_glasses(_overlay(image, draw, level), 0.02, level)


def _lens(mask: NDArray[np.uint8], eye: tuple[float, float], side: int, thickness: int) -> None:
    (center,) = _points([eye], side)
    axes = (round(LENS[0] * side), round(LENS[1] * side))
    cv2.ellipse(mask, center, axes, 0, 0, 360, (255,), thickness)


def _points(shares: Sequence[tuple[float, float]], side: int) -> list[tuple[int, int]]:
    return [(round(x * side), round(y * side)) for x, y in shares]


def _overlay(
    image: Picture, draw: Callable[[NDArray[np.uint8], int], None], level: int
) -> Picture:
    """Blend a gray level into the picture where `draw` paints on a finer mask."""
    side = image.shape[0]
    mask = np.zeros((side * FINER, side * FINER), np.uint8)
    draw(mask, side * FINER)
    small = cv2.resize(mask, (side, side), interpolation=cv2.INTER_AREA)
    share = small.astype(np.float32) / 255
    if image.ndim == 3:
        share = share[..., None]
    return np.rint(image + share * (level - image.astype(np.float32))).astype(np.uint8)

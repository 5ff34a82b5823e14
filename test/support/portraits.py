"""Pictures of any size made from a photograph in scikit-image: faces of known size and place."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import pytest
from support.clips import WALL

from fer_ros.core.errors import SourceError
from fer_ros.core.sources.portraits import COLLINS, load_portraits
from fer_ros.core.types import Box, Frame

#: Standard deviation of the grain of the whole picture, gray levels.
_GRAIN = 4.0


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture, bgr8, and the reference boxes of the faces on it."""

    frame: Frame
    faces: tuple[Box, ...]


def paint(width: int, height: int, *people: tuple[float, float, int]) -> Scene:
    """Return a picture of people in front of a wall.

    The test is skipped without scikit-image.

    Args:
        people: The centre of each face, as fractions of width and height, and the height of its
            reference box in pixels. Faces may extend over the edges.
    """
    try:
        portrait = load_portraits()[0][COLLINS]
    except SourceError as error:
        pytest.skip(str(error))
    image = np.full((height, width, 3), WALL, np.uint8)
    faces = []
    for x, y, face_height in people:
        person = portrait.resized(face_height / portrait.face.height)
        face = person.face
        left, top = round(x * width - face.center[0]), round(y * height - face.center[1])
        faces.append(Box(face.x + left, face.y + top, face.width, face.height))
        _lay_over(image, person.image, left, top)
    return Scene(Frame(_grained(image), 'bgr8', 0), tuple(faces))


def _lay_over(image: np.ndarray, person: np.ndarray, left: int, top: int) -> None:
    """Lay a premultiplied BGRA cut-out over a part of the picture."""
    right = min(left + person.shape[1], image.shape[1])
    bottom = min(top + person.shape[0], image.shape[0])
    part = image[max(top, 0) : bottom, max(left, 0) : right]
    cut = person[max(-top, 0) : bottom - top, max(-left, 0) : right - left]
    part[:] = cv2.multiply(part, cv2.merge([255 - cut[..., 3]] * 3), scale=1 / 255) + cut[..., :3]


def _grained(image: np.ndarray) -> np.ndarray:
    """Return the picture with noise in every pixel: an enlarged photograph has no detail."""
    height, width = image.shape[:2]
    noise = np.random.default_rng(1).normal(0, _GRAIN, (256, 256, 1)).round().astype(np.int16)
    grain = np.tile(noise, (-(-height // 256), -(-width // 256), 3))[:height, :width]
    return cv2.add(image, grain, dtype=cv2.CV_8U)

"""Frames for measurements: real faces in 640x480 pixels, still or moving, and clips.

The faces are those of the demo (fer_ros/core/sources/portraits.py), in the public domain. The time
of a cascade depends on the background, so there is also one complete photograph.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.sources.portraits import COLLINS, PHOTOGRAPHS, Portrait, load_portraits

Image = NDArray[np.uint8]

WIDTH, HEIGHT, RATE = 640, 480, 30
WALL = (150, 165, 170)

#: Height of a single face, as at a distance of a little more than a metre.
FACE_HEIGHT = 120.0

#: Standard deviation of camera noise in indoor light, in gray levels.
NOISE = 3.0


class Scene:
    """A person in front of a wall, once or several times. Only the noise is random."""

    def __init__(self) -> None:
        self._portrait = load_portraits()[0][COLLINS]
        self._random = np.random.default_rng(7)

    def one_face(self, x: float = 320.0, y: float = 230.0) -> Image:
        """Return a picture with one face centred at x, y, bgr8."""
        image = wall()
        self._draw(image, x, y, FACE_HEIGHT)
        return image

    def faces(self, count: int, height: float = 52.0) -> Image:
        """Return a picture with 1 to 32 faces of that height side by side, bgr8."""
        image = wall()
        for index in range(count):
            row, column = divmod(index, 8)
            self._draw(image, 40.0 + 80.0 * column, 45.0 + 115.0 * row, height)
        return image

    def walk(self, frames: int) -> list[Image]:
        """Return pictures with noise in which one face moves back and forth."""
        phase = np.arange(frames) * 2 * np.pi / (4 * RATE)
        return [
            self.noisy(self.one_face(320.0 + 120.0 * np.sin(p), 230.0 + 20.0 * np.sin(2 * p)))
            for p in phase
        ]

    def photograph(self, frames: int) -> list[Image]:
        """Return pans over a photograph with one face and a detailed background, with noise."""
        whole = PHOTOGRAPHS[COLLINS].load()
        width, height = 496, 372
        starts = (8 + 8 * np.sin(np.arange(frames) * 2 * np.pi / RATE)).astype(int)
        return [
            self.noisy(resized(whole[x : x + height, x : x + width], WIDTH, HEIGHT))
            for x in starts.tolist()
        ]

    def noisy(self, image: Image) -> Image:
        """Return the picture with the noise of a camera."""
        noise = self._random.normal(0.0, NOISE, image.shape)
        return np.clip(image + noise, 0, 255).astype(np.uint8)

    def _draw(self, image: Image, x: float, y: float, height: float) -> None:
        """Blend a head into the picture, cropped below the chin."""
        portrait = self._portrait.resized(height / self._portrait.face.height)
        _blend(image, portrait, x, y, y + 0.75 * height)


def _blend(image: Image, portrait: Portrait, x: float, y: float, bottom: float) -> None:
    face_x, face_y = portrait.face.center
    left, top = round(x - face_x), round(y - face_y)
    half = round(0.75 * portrait.face.height)
    x0, x1 = (
        max(left, round(x) - half, 0),
        min(left + portrait.image.shape[1], round(x) + half, image.shape[1]),
    )
    y0, y1 = max(top, 0), min(top + portrait.image.shape[0], round(bottom), image.shape[0])
    part = portrait.image[y0 - top : y1 - top, x0 - left : x1 - left].astype(np.float32)
    behind = image[y0:y1, x0:x1]
    image[y0:y1, x0:x1] = part[..., :3] + behind * (1.0 - part[..., 3:] / 255.0)


def resized(image: Image, width: int, height: int) -> Image:
    """Return the picture in another size."""
    return cv2.resize(image, (width, height)).astype(np.uint8, copy=False)


def wall() -> Image:
    """Return a picture without a face, bgr8."""
    return np.full((HEIGHT, WIDTH, 3), WALL, np.uint8)


def write_clip(path: Path, frames: list[Image], rate: float = RATE) -> Path:
    """Write frames uncompressed, as from a webcam (YUV 4:2:0), and return the path."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'I420'), rate, (WIDTH, HEIGHT))
    for frame in frames:
        writer.write(frame)
    writer.release()
    return path

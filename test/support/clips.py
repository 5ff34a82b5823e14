"""Short clips made at test time: a face at known places, pictures in an order, an empty scene."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.types import Box

WIDTH, HEIGHT = 640, 480
#: Of the plain wall behind everybody, BGR.
WALL = (150, 165, 170)
#: The reference box of the face on astronaut.png, measured with YuNet.
_FACE = Box(178, 63, 90, 113)
#: What is cut out of astronaut.png: the head with its hair, left, top, width, height.
_HEAD = (142, 8, 170, 180)

Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Still:
    """A picture and the reference boxes of the faces on it."""

    image: Image
    faces: tuple[Box, ...]


def write_clip(path: Path, frames: Iterable[Image], fps: float = 25.0) -> Path:
    """Write bgr8 frames of one size as Motion JPEG (.avi) or MPEG-4 (.mp4); return the path."""
    writer = None
    codec = 'MJPG' if path.suffix == '.avi' else 'mp4v'
    for frame in frames:
        if writer is None:
            size = (frame.shape[1], frame.shape[0])
            writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*codec), fps, size)
            if not writer.isOpened():
                raise RuntimeError(f'OpenCV cannot write {path} with codec {codec}')
        writer.write(frame)
    if writer is None:
        raise ValueError('a clip needs at least one frame')
    writer.release()
    return path


def plain_wall() -> Image:
    """Return a picture without a face, 640x480 bgr8."""
    return np.full((HEIGHT, WIDTH, 3), WALL, np.uint8)


def nobody(count: int) -> Iterator[Image]:
    """Yield `count` frames without a face: a ball rolls past a wall."""
    for index in range(count):
        image = plain_wall()
        cv2.circle(image, (20 + 7 * index % WIDTH, 400), 18, (60, 90, 120), -1)
        yield image


def face_at(
    photographs: Path, centers: Sequence[tuple[float, float]], face_height: float = 120.0
) -> Iterator[Still]:
    """Yield one frame for each centre: the astronaut's head there, on a plain wall.

    The head may extend over the edges.

    Args:
        photographs: The folder with astronaut.png.
        centers: Centres of the reference box, in pixels. They are rounded.
        face_height: Height of the reference box, in pixels.
    """
    head, mask, offset, size = _cut_head(photographs, face_height)
    for x, y in centers:
        image = plain_wall()
        left, top = round(x - offset[0]), round(y - offset[1])
        _blend(image, head, mask, left, top)
        center = left + offset[0], top + offset[1]
        box = Box(center[0] - size[0] / 2, center[1] - size[1] / 2, *size)
        yield Still(image, (box,))


def walk(
    start: tuple[float, float], end: tuple[float, float], count: int
) -> list[tuple[float, float]]:
    """Return `count` points from start to end at equal distances."""
    parts = np.linspace(0.0, 1.0, count)
    return [
        (start[0] + part * (end[0] - start[0]), start[1] + part * (end[1] - start[1]))
        for part in parts
    ]


def _cut_head(
    photographs: Path, face_height: float
) -> tuple[Image, NDArray[np.float32], tuple[float, float], tuple[float, float]]:
    """Return head, soft mask, the face centre in it and the face's width and height."""
    left, top, width, height = _HEAD
    picture = cv2.imread(str(photographs / 'astronaut.png'), cv2.IMREAD_COLOR)
    if picture is None:
        raise FileNotFoundError(photographs / 'astronaut.png')
    scale = face_height / _FACE.height
    size = (round(width * scale), round(height * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    head = cv2.resize(picture[top : top + height, left : left + width], size, interpolation=method)
    mask = np.zeros((size[1], size[0]), np.float32)
    axes = (round(size[0] * 0.44), round(size[1] * 0.46))
    cv2.ellipse(mask, (size[0] // 2, size[1] // 2), axes, 0, 0, 360, (1.0,), -1)
    mask = cv2.GaussianBlur(mask, (0, 0), 4 * scale)[..., None]
    center = ((_FACE.center[0] - left) * scale, (_FACE.center[1] - top) * scale)
    return (
        np.asarray(head, np.uint8),
        np.asarray(mask, np.float32),
        center,
        (_FACE.width * scale, _FACE.height * scale),
    )


def _blend(image: Image, head: Image, mask: NDArray[np.float32], left: int, top: int) -> None:
    x0, y0 = max(left, 0), max(top, 0)
    x1 = min(left + head.shape[1], image.shape[1])
    y1 = min(top + head.shape[0], image.shape[0])
    if x0 >= x1 or y0 >= y1:
        return
    part = (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
    image[y0:y1, x0:x1] = mask[part] * head[part] + (1 - mask[part]) * image[y0:y1, x0:x1]

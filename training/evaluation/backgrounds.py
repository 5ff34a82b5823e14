"""Backgrounds without faces for composed scenes: drawn textures, and parts of photographs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.errors import EncodingError
from fer_ros.core.imaging.decoding import decode_image
from training.data.picture_files import find_pictures
from training.errors import DataError

#: File next to photographs of people: file name to face boxes, each left, top, width, height.
BOXES = 'boxes.json'
#: Margin around a face box, as a share of its size, to exclude hair, ears and neck.
ROOM = 0.75
#: Widths of windows without a face, as shares of the photograph. The largest one is used.
WINDOWS = (1.0, 0.85, 0.7, 0.6, 0.5, 0.4, 0.33)
STEPS = 9


def draw_background(number: int, width: int, height: int) -> NDArray[np.uint8]:
    """Return a gray (height, width) texture by number: walls, shelves, or clutter."""
    rng = np.random.default_rng(number)
    image = _uneven_light(width, height, rng)
    kind = number % 3
    if kind == 1:
        _add_shelf(image, rng)
    elif kind == 2:
        _add_clutter(image, rng)
    image += rng.normal(0, rng.uniform(1, 5), image.shape)
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)


def read_backgrounds(folder: Path, width: int, height: int) -> list[NDArray[np.uint8]]:
    """Return the largest part without a face of each photograph of a folder.

    Args:
        folder: Folder of photographs. Only its file BOXES contains the positions of faces.
        width: Width of each part in pixels.
        height: Height of each part in pixels.

    Returns:
        Gray (height, width) uint8 pictures.

    Raises:
        DataError: There is no photograph, none has enough room, or one cannot be read.
    """
    path = folder / BOXES
    try:
        boxes = json.loads(path.read_text(encoding='utf-8')) if path.exists() else {}
    except (OSError, ValueError) as error:
        raise DataError(f'{path} cannot be read: {error}') from error
    backgrounds = []
    for file in find_pictures(folder):
        try:
            photograph = _gray(decode_image(file.read_bytes(), str(file), rotate=True))
        except (OSError, EncodingError) as error:
            raise DataError(f'{file} cannot be read: {error}') from error
        window = _face_free(photograph.shape[1], photograph.shape[0], boxes.get(file.name, ()))
        if window is not None:
            part = photograph[window]
            backgrounds.append(
                cv2.resize(part, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.uint8)
            )
    if not backgrounds:
        raise DataError(
            f'{folder} has no photograph with enough room next to the faces: add photographs '
            'with fewer faces'
        )
    return backgrounds


def _gray(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)


def _face_free(
    width: int, height: int, boxes: Sequence[Sequence[float]]
) -> tuple[slice, slice] | None:
    """Return rows and columns of the largest 4:3 window without boxes and their margins."""
    for share in WINDOWS:
        wide = int(min(width, height * 4 / 3) * share)
        tall = wide * 3 // 4
        for top in np.linspace(0, height - tall, STEPS).astype(int).tolist():
            for left in np.linspace(0, width - wide, STEPS).astype(int).tolist():
                if not any(
                    x - ROOM * w < left + wide
                    and left < x + (1 + ROOM) * w
                    and y - ROOM * h < top + tall
                    and top < y + (1 + ROOM) * h
                    for x, y, w, h in boxes
                ):
                    return slice(top, top + tall), slice(left, left + wide)
    return None


def _uneven_light(width: int, height: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return a wall: clouds of several sizes around one level. Larger clouds are stronger."""
    image = np.full((height, width), rng.uniform(60, 190), np.float32)
    for cells in (2, 5, 12, 40):
        clouds = rng.normal(0, 30 / np.sqrt(cells), (cells, cells)).astype(np.float32)
        image += cv2.resize(clouds, (width, height), interpolation=cv2.INTER_CUBIC)
    return image


def _add_shelf(image: NDArray[np.float32], rng: np.random.Generator) -> None:
    """Draw rows of upright boxes of various grays, like books."""
    height, width = image.shape
    rows = int(rng.integers(2, 5))
    for row in range(rows):
        floor = (row + 1) * height // rows
        x = 0
        while x < width:
            thick = int(rng.integers(8, 40))
            tall = int(rng.uniform(0.5, 0.9) * height / rows)
            level = float(rng.uniform(20, 230))
            cv2.rectangle(image, (x, floor - tall), (x + thick, floor - 6), (level,), cv2.FILLED)
            x += thick + int(rng.integers(0, 6))


def _add_clutter(image: NDArray[np.float32], rng: np.random.Generator) -> None:
    """Draw lines, boxes and rotated ellipses. None of them is as round as a head."""
    height, width = image.shape
    for _ in range(30):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        level = float(rng.uniform(10, 245))
        long = int(rng.integers(20, 160))
        if rng.random() < 0.5:
            end = (x + long, y + int(rng.integers(-80, 80)))
            cv2.line(image, (x, y), end, (level,), int(rng.integers(1, 9)))
        else:
            axes, turn = (long, max(long // 4, 2)), float(rng.uniform(0, 180))
            cv2.ellipse(image, (x, y), axes, turn, 0, 360, (level,), cv2.FILLED)

"""Picture files of data sets: searched, decoded, and fitted into squares."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.errors import EncodingError
from fer_ros.core.folders import walk
from fer_ros.core.imaging.decoding import decode_image
from fer_ros.core.sources.file_kinds import FileKind, kind_of
from training.errors import DataError


def find_pictures(folder: Path) -> list[Path]:
    """Return all picture files below a folder, sorted, without hidden ones.

    Animations and unsupported formats are included. The reader reports the reason.
    """
    return [path for path in visible_files(folder) if is_picture(path)]


def is_picture(path: Path) -> bool:
    """Return whether a path is a picture file, also of an unsupported format."""
    return path.is_file() and kind_of(path) not in (FileKind.VIDEO, FileKind.OTHER)


def visible_files(folder: Path) -> list[Path]:
    """Return all files below a folder, sorted, without hidden ones. Linked folders are included.

    Raises:
        DataError: A folder cannot be listed.
    """

    def refuse(error: OSError) -> None:
        raise DataError(
            f'{error.filename} cannot be listed ({error.strerror}): check its permissions'
        ) from error

    found = (path for _, _, files in walk(folder, refuse) for path in files)
    return sorted(path for path in found if path.is_file())


def read_picture(path: Path, size: int, channels: str) -> NDArray[np.uint8]:
    """Read a file as a square picture. Another shape is cropped to its central square.

    Args:
        path: Path of the file.
        size: Side in pixels. Reducing averages areas.
        channels: 'gray' or 'rgb'.

    Raises:
        DataError: The file cannot be read.
    """
    return read_with_side(path, size, channels)[0]


def decode_picture(path: Path) -> NDArray[np.uint8]:
    """Return the picture in a file upright, bgr8, (H, W, 3).

    Raises DataError if it cannot be read.
    """
    try:
        return decode_image(path.read_bytes(), str(path), rotate=True)
    except OSError as error:
        raise DataError(f'{path}: {error.strerror}') from error
    except EncodingError as error:
        raise DataError(str(error)) from error


def read_with_side(path: Path, size: int, channels: str) -> tuple[NDArray[np.uint8], int]:
    """Return what read_picture() does, and the smaller side of the picture in the file, pixels."""
    image = decode_picture(path)
    code = cv2.COLOR_BGR2GRAY if channels == 'gray' else cv2.COLOR_BGR2RGB
    picture = fit_square(cv2.cvtColor(image, code).astype(np.uint8, copy=False), size)
    return picture, min(image.shape[:2])


def fit_square(image: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Crop the central square of (H, W[, 3]) and resize it to `size` pixels."""
    height, width = image.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = image[top : top + side, left : left + side]
    if side == size:
        return np.ascontiguousarray(square)
    method = cv2.INTER_AREA if side > size else cv2.INTER_LINEAR
    resized = cv2.resize(np.ascontiguousarray(square), (size, size), interpolation=method)
    return resized.astype(np.uint8, copy=False)

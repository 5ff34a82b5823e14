"""Decodes pictures from outside. Large and incomplete pictures are refused."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.errors import EncodingError, OversizedError
from fer_ros.core.imaging.formats import READABLE_NAMES, PictureFormat, format_of
from fer_ros.core.imaging.layout import (
    Layout,
    LayoutError,
    TruncatedError,
    check_png_pixels,
    header_size,
)
from fer_ros.core.imaging.pillow_reader import animated_pictures, open_with_pillow, upright_pixels

#: Larger pictures are refused before they are decoded: 100 megapixels are 300 MB in memory.
MAX_PIXELS = 100_000_000

#: EXIF orientation to quarter turns counterclockwise, then mirrored or not (CIPA DC-008, 4.6.4).
_UPRIGHT = {
    2: (0, True),
    3: (2, False),
    4: (2, True),
    5: (3, True),
    6: (3, False),
    7: (1, True),
    8: (1, False),
}


def decode_image(
    data: bytes | bytearray | memoryview,
    name: str = 'image',
    *,
    rotate: bool = False,
    most_pixels: int = MAX_PIXELS,
) -> NDArray[np.uint8]:
    """Decode a still picture of any format in fer_ros/core/imaging/formats.py to bgr8, (H, W, 3).

    Data after the end of the picture (padding, a video, a second picture) is ignored.

    Args:
        data: Content of the file.
        name: Name of the picture, for errors.
        rotate: Rotate it upright by its EXIF orientation. Otherwise, the pixels stay as in the
            file (HEIC and AVIF are always upright).
        most_pixels: A larger picture is refused before it is decoded.

    Raises:
        OversizedError: The picture is larger.
        EncodingError: The data is empty, truncated, unknown or animated, or no reader for its
            format is installed.
    """
    buffer = np.frombuffer(data, np.uint8)
    kind, layout = examine(buffer.data, name)
    if layout.frames > 1:
        pages = kind.name == 'TIFF'
        raise EncodingError(
            f'{name} has {layout.frames} pages: save one page as a picture'
            if pages
            else f'{name} is animated ({layout.frames} pictures), but a single picture is '
            'required: use annotate, which treats it as a video, or save one of its pictures'
        )
    check_size(layout.width, layout.height, name, most_pixels)
    if kind.pillow:
        image = open_with_pillow(buffer.data[: layout.end], kind, name)
        check_size(image.width, image.height, name, most_pixels)
        return upright_pixels(image, name)
    if kind.name == 'PNG':
        with _layout_errors(name):
            check_png_pixels(buffer.data)
    by_opencv = rotate and kind.name != 'WebP'
    image = _decode_with_opencv(buffer[: layout.end], kind, name, by_opencv)
    return _turned(image, layout.orientation) if rotate and not by_opencv else image


def _decode_with_opencv(
    buffer: NDArray[np.uint8], kind: PictureFormat, name: str, rotate: bool
) -> NDArray[np.uint8]:
    flags = cv2.IMREAD_COLOR | (0 if rotate else cv2.IMREAD_IGNORE_ORIENTATION)
    try:
        decoded = cv2.imdecode(buffer, flags)
    except cv2.error as error:
        raise EncodingError(f'{name} cannot be decoded ({error.err})') from error
    if decoded is None:
        raise EncodingError(
            f'{name} cannot be decoded: its {kind.name} data is damaged, truncated or in an '
            f'unsupported variant: save it as PNG'
        )
    return decoded.astype(np.uint8, copy=False)


def open_animation(data: memoryview, name: str) -> Any:
    """Return Pillow's image of an animation, for animation_frames(). Raises as decode_image()."""
    kind, layout = examine(data, name)
    check_size(layout.width, layout.height, name)
    image = open_with_pillow(data[: layout.end], kind, name)
    check_size(image.width, image.height, name)
    return image


def examine(data: memoryview, name: str) -> tuple[PictureFormat, Layout]:
    """Return a picture's format and structure.

    Raises:
        EncodingError: The data is empty, truncated or unknown.
    """
    if not len(data):
        raise EncodingError(f'{name} is empty (0 bytes): copy or send it again')
    kind = format_of(data)
    if kind is None:
        raise EncodingError(
            f'{name} cannot be decoded: it is not a picture; the supported formats are '
            f'{READABLE_NAMES}'
        )
    if kind.layout is None:
        raise EncodingError(
            f'{name} cannot be decoded: {kind.name} is not supported: save it as JPEG or PNG'
        )
    with _layout_errors(name):
        layout = kind.layout(data)
    if kind.name == 'AVIF':
        # Only Pillow distinguishes an animation from a picture.
        frames = animated_pictures(open_with_pillow(data[: layout.end], kind, name))
        layout = Layout(layout.width, layout.height, layout.end, frames)
    return kind, layout


def _turned(image: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Rotate an image upright by its EXIF orientation."""
    turns, mirrored = _UPRIGHT.get(orientation, (0, False))
    image = np.rot90(image, turns)
    return np.ascontiguousarray(image[:, ::-1] if mirrored else image)


@contextmanager
def _layout_errors(name: str) -> Iterator[None]:
    """Convert an error in the structure of a picture to an EncodingError."""
    try:
        yield
    except TruncatedError as error:
        raise EncodingError(f'{name} is truncated: {error}; copy or send it again') from error
    except LayoutError as error:
        raise EncodingError(f'{name} cannot be decoded: {error}') from error
    except (IndexError, KeyError, struct.error, ValueError) as error:
        raise EncodingError(
            f'{name} cannot be decoded: it is truncated or damaged: copy or send the complete file'
        ) from error


def check_size(width: int, height: int, name: str, most_pixels: int = MAX_PIXELS) -> None:
    """Raise OversizedError for a picture with too many pixels."""
    if width * height > most_pixels:
        raise OversizedError(
            f'{name} of {width}x{height} pixels is larger than the limit of '
            f'{most_pixels // 1_000_000} megapixels: reduce its size'
        )


def encoded_size(buffer: NDArray[np.uint8]) -> tuple[int, int] | None:
    """Return width and height from the header of a JPEG or PNG. None for other formats."""
    return header_size(buffer.data)

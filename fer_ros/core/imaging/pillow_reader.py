"""Reads pictures that OpenCV does not read everywhere, with Pillow if it is installed."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.errors import EncodingError
from fer_ros.core.imaging.formats import PictureFormat

#: Milliseconds that a picture of an animation is shown where the file says less than LEAST: as
#: browsers do.
_LEAST_MILLISECONDS, _USUAL_MILLISECONDS = 11, 100

#: Boxes that turn or mirror an HEIC, which its reader obeys (ISO/IEC 23008-12, 6.5.10 and 6.5.12).
_TURNED_BY_BOX = re.compile(b'irot|imir')
_ORIENTATION = 0x0112


def open_with_pillow(data: memoryview, kind: PictureFormat, name: str) -> Any:
    """Return Pillow's image of a file: its size is known, its pixels are not decoded yet.

    Raises:
        EncodingError: The picture cannot be read. If a reader is missing, the error names it.
    """
    pillow = _pillow_for(kind, name)
    try:
        # Only the reader of this format gets to see the data.
        image = pillow.open(io.BytesIO(data), formats=(_name_of(kind),))
    except Exception as error:  # its readers raise whatever comes
        raise EncodingError(
            f'{name} cannot be decoded: its {kind.name} data is damaged or truncated'
        ) from error
    if kind.plugins and not _TURNED_BY_BOX.search(data):
        # Where no box turns an HEIC, writers that copied a JPEG's EXIF leave it to that.
        image.getexif()[_ORIENTATION] = image.info.get('original_orientation') or 1
    return image


def animated_pictures(image: Any) -> int:
    """Return how many pictures of an animation an image has, 1 for a still picture."""
    return int(getattr(image, 'n_frames', 1))


def animation_frames(image: Any, name: str) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """Yield each picture of an animation, bgr8, with the seconds that it is shown.

    Raises:
        EncodingError: It cannot be decoded.
    """
    for number in range(animated_pictures(image)):
        try:
            image.seek(number)
        except Exception as error:
            raise EncodingError(f'{name} is damaged at its picture {number + 1}') from error
        pixels = upright_pixels(image, name)
        shown = float(image.info.get('duration') or 0)
        yield (shown if shown >= _LEAST_MILLISECONDS else _USUAL_MILLISECONDS) / 1000, pixels


def upright_pixels(image: Any, name: str) -> NDArray[np.uint8]:
    """Decode an image upright as its orientation says, bgr8, (H, W, 3).

    Raises:
        EncodingError: It cannot be decoded.
    """
    from PIL import ImageOps

    try:
        rgb = np.asarray(ImageOps.exif_transpose(image).convert('RGB'))
    except Exception as error:
        raise EncodingError(
            f'{name} cannot be decoded: its pixels are damaged or truncated'
        ) from error
    return np.ascontiguousarray(rgb[..., ::-1])


def _pillow_for(kind: PictureFormat, name: str) -> Any:
    """Return the module PIL.Image, ready to read a format. Raises EncodingError."""
    try:
        pillow = import_module('PIL.Image')
        if kind.plugins:
            _first_of(kind.plugins).register_heif_opener()
        pillow.init()
        if _name_of(kind) not in pillow.OPEN:
            raise ImportError(f'the installed Pillow cannot read {kind.name}')
    except ImportError as error:
        raise EncodingError(
            f'{name} is {kind.name}, and no reader for it is installed ({error}): '
            'pip install pillow pi-heif, or save it as JPEG'
        ) from error
    return pillow


def _first_of(modules: tuple[str, ...]) -> Any:
    """Return the first of the modules that is installed. Raises ImportError."""
    for module in modules:
        try:
            return import_module(module)
        except ImportError:
            continue
    raise ImportError(f'none of {", ".join(modules)} is installed')


def _name_of(kind: PictureFormat) -> str:
    """Return how Pillow calls a format; it reads animations of formats that OpenCV reads."""
    return kind.pillow or kind.name.upper()

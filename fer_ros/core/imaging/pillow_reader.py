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

#: Milliseconds for which a picture of an animation is shown if the file has less than LEAST.
#: Browsers do the same.
_LEAST_MILLISECONDS, _USUAL_MILLISECONDS = 11, 100

#: Boxes that rotate or mirror an HEIC. Its reader applies them (ISO/IEC 23008-12, 6.5.10 and
#: 6.5.12).
_TURNED_BY_BOX = re.compile(b'irot|imir')
_ORIENTATION = 0x0112


def open_with_pillow(data: memoryview, kind: PictureFormat, name: str) -> Any:
    """Return Pillow's image of a file. Its size is known, but its pixels are not decoded yet.

    Raises:
        EncodingError: The picture cannot be read. If a reader is missing, the error names it.
    """
    pillow = _pillow_for(kind, name)
    try:
        # Only the reader of this format receives the data.
        image = pillow.open(io.BytesIO(data), formats=(_name_of(kind),))
    except Exception as error:  # its readers raise any exception
        raise EncodingError(
            f'{name} cannot be decoded: its {kind.name} data is damaged, truncated or in an '
            f'unsupported variant: save it as PNG'
        ) from error
    if kind.plugins and not _TURNED_BY_BOX.search(data):
        # If no box rotates an HEIC, the EXIF orientation applies: some writers copy that of a
        # JPEG.
        image.getexif()[_ORIENTATION] = image.info.get('original_orientation') or 1
    return image


def animated_pictures(image: Any) -> int:
    """Return the number of pictures of an animation, 1 for a still picture."""
    return int(getattr(image, 'n_frames', 1))


def animation_frames(image: Any, name: str) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """Yield each picture of an animation, bgr8, with the seconds for which it is shown.

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
    """Decode an image, rotated upright by its orientation, to bgr8, (H, W, 3).

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
    """Return Pillow's name of a format. Pillow reads the animations of formats that OpenCV
    reads."""
    return kind.pillow or kind.name.upper()

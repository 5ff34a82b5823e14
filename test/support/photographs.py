"""Picture files that OpenCV does not write; what cannot be made is skipped by name."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

Image = NDArray[np.uint8]

#: How Pillow calls the format of a suffix.
FORMATS = {
    '.gif': 'GIF', '.webp': 'WEBP', '.png': 'PNG', '.avif': 'AVIF', '.heic': 'HEIF',
    '.jpg': 'JPEG', '.tiff': 'TIFF',
}  # fmt: skip
#: The EXIF tag with the orientation of a picture.
_ORIENTATION = 0x0112


def encode(
    suffix: str,
    *images: Image,
    orientation: int = 1,
    by_exif: bool = False,
    **options: Any,
) -> bytes:
    """Return bgr8 images as one file: several are an animation of 120 ms each.

    Args:
        orientation: As EXIF counts it.
        by_exif: Whether an HEIC has its orientation only in its EXIF data and not in a box.
    """
    pillow = pytest.importorskip('PIL.Image', reason='no Pillow; see requirements/runtime.txt')
    if suffix == '.heic':
        heif = pytest.importorskip('pillow_heif', reason='no pillow_heif, which writes HEIC')
        heif.register_heif_opener()
    pillow.init()
    if FORMATS[suffix] not in pillow.SAVE:
        pytest.skip(f'this Pillow does not write {suffix}')
    first, *others = (pillow.fromarray(np.ascontiguousarray(one[..., ::-1])) for one in images)
    exif = pillow.Exif()
    exif[_ORIENTATION] = orientation
    if others:
        options |= {'save_all': True, 'append_images': others, 'duration': 120}
    if orientation != 1:
        options['exif'] = exif.tobytes() if suffix == '.heic' and not by_exif else exif
    file = io.BytesIO()
    first.save(file, FORMATS[suffix], **options)
    return file.getvalue()


def corners(width: int = 64, height: int = 48) -> Image:
    """Return a bgr8 picture of a white corner, top left, on black."""
    image = np.zeros((height, width, 3), np.uint8)
    image[: height // 2, : width // 2] = 255
    return image


def png(width: int, height: int, data: bytes, depth: int = 1) -> bytes:
    """Return a gray PNG. Its header may announce more than its data contains.

    Args:
        data: Compressed rows.
        depth: Bits of a pixel.
    """

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack('>I', len(content)) + checked + struct.pack('>I', zlib.crc32(checked))

    header = struct.pack('>IIBBBBB', width, height, depth, 0, 0, 0, 0)
    return (
        b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', header) + chunk(b'IDAT', data) + chunk(b'IEND', b'')
    )

"""Reads picture files, of any size and also from pipes, and encodes pictures."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.errors import EncodingError, OversizedError
from fer_ros.core.imaging.formats import HEAD, format_of

#: Larger files are refused. 100 megapixels of 16-bit colour are 600 MB.
MAX_BYTES = 1 << 30

_READ_AT_ONCE = 1 << 20


def read_picture_file(path: Path) -> bytes:
    """Return the content of a picture file, or the first bytes of a file that is not a picture.

    The rest of such a file may be a film of many gigabytes, or endless.

    Raises:
        OSError: The file cannot be read.
        OversizedError: The file is larger than MAX_BYTES.
    """
    with path.open('rb') as file:
        head = file.read(HEAD)
        kind = format_of(head)
        if kind is None or kind.layout is None:
            return head
        parts, size = [head], len(head)
        while part := file.read(_READ_AT_ONCE):
            parts.append(part)
            size += len(part)
            if size > MAX_BYTES:
                raise OversizedError(
                    f'{path} is larger than the limit of {MAX_BYTES >> 20} MiB: reduce its size'
                )
    return b''.join(parts)


def encode_picture(suffix: str, image: NDArray[np.uint8], jpeg_quality: int = 95) -> bytes:
    """Return a picture as a file of the format of a suffix, such as .png.

    Raises:
        EncodingError: The format has no pictures of this size.
    """
    jpeg = suffix.lower() in ('.jpg', '.jpeg')
    options = [cv2.IMWRITE_JPEG_QUALITY, jpeg_quality] if jpeg else []
    try:
        encoded, data = cv2.imencode(suffix.lower(), image, options)
    except cv2.error:
        encoded = False
    if not encoded:
        height, width = image.shape[:2]
        raise EncodingError(
            f'a picture of {width}x{height} pixels cannot be written as {suffix}: use .png'
        )
    return data.tobytes()

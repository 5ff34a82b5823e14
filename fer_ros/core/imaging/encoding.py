"""From pixels to the bytes of a picture file."""

from __future__ import annotations

from typing import Any

import cv2
from numpy.typing import NDArray


def encode_picture(image: NDArray[Any], quality: int, suffix: str = '.jpg') -> bytes:
    """Return a picture as the bytes of a file.

    Args:
        image: (H, W) gray or (H, W, 3) BGR, uint8.
        quality: Of a JPEG, 1 to 100.
        suffix: Of the format, such as '.png'.
    """
    _, data = cv2.imencode(suffix, image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return data.tobytes()

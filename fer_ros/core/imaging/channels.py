"""Conversions between the encodings of frames and the channels that detectors and models take."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.errors import EncodingError
from fer_ros.core.types import ENCODING_CHANNELS, Frame

#: Codes of cv2.cvtColor from an encoding to the channels gray, rgb or bgr. None: no conversion.
_CODES: dict[tuple[str, str], int | None] = {
    ('mono8', 'gray'): None,
    ('mono8', 'rgb'): cv2.COLOR_GRAY2RGB,
    ('mono8', 'bgr'): cv2.COLOR_GRAY2BGR,
    ('bgr8', 'gray'): cv2.COLOR_BGR2GRAY,
    ('bgr8', 'rgb'): cv2.COLOR_BGR2RGB,
    ('bgr8', 'bgr'): None,
    ('rgb8', 'gray'): cv2.COLOR_RGB2GRAY,
    ('rgb8', 'rgb'): None,
    ('rgb8', 'bgr'): cv2.COLOR_RGB2BGR,
    ('bgra8', 'gray'): cv2.COLOR_BGRA2GRAY,
    ('bgra8', 'rgb'): cv2.COLOR_BGRA2RGB,
    ('bgra8', 'bgr'): cv2.COLOR_BGRA2BGR,
    ('rgba8', 'gray'): cv2.COLOR_RGBA2GRAY,
    ('rgba8', 'rgb'): cv2.COLOR_RGBA2RGB,
    ('rgba8', 'bgr'): cv2.COLOR_RGBA2BGR,
}


def check_image(frame: Frame) -> None:
    """Check that the image of a frame has the shape of its encoding, and pixels.

    Raises:
        EncodingError: The image does not match its encoding.
    """
    channels = ENCODING_CHANNELS.get(frame.encoding)
    shape = frame.image.shape
    if channels is None or shape[2:] != (() if channels == 1 else (channels,)) or 0 in shape:
        raise EncodingError(
            f'an image of shape {shape} cannot have the encoding {frame.encoding!r}: convert it '
            f'to one of {", ".join(ENCODING_CHANNELS)}'
        )


def to_channels(image: NDArray[np.uint8], encoding: str, channels: str) -> NDArray[np.uint8]:
    """Return an image in other channels, or the image itself if nothing changes.

    Args:
        image: (H, W) or (H, W, channels).
        encoding: Encoding of the image, a key of ENCODING_CHANNELS.
        channels: 'gray', 'rgb' or 'bgr'.
    """
    code = _CODES[encoding, channels]
    return image if code is None else np.asarray(cv2.cvtColor(image, code), np.uint8)

"""Conversion of image messages, as the library rosbags reads them, to frames."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.errors import EncodingError
from fer_ros.core.imaging.decoding import decode_image
from fer_ros.core.imaging.pixels import READABLE, read_pixels
from fer_ros.core.types import S_TO_NS, Frame

COMPRESSED_IMAGE = 'sensor_msgs/msg/CompressedImage'
IMAGE_TYPES = frozenset(('sensor_msgs/msg/Image', COMPRESSED_IMAGE))


def frame_of(message: Any, recorded: int) -> Frame:
    """Return the frame of an Image or CompressedImage.

    recorded: the stamp in nanoseconds of a message without a stamp in its header.
    Raises EncodingError if it is not an image or its encoding is not supported.
    """
    stamp = message.header.stamp.sec * S_TO_NS + message.header.stamp.nanosec
    if message.__msgtype__ == COMPRESSED_IMAGE:
        image, encoding = decode_image(message.data), 'bgr8'
    else:
        image, encoding = _pixels(message)
    return Frame(image, encoding, stamp or recorded, message.header.frame_id)


def _pixels(message: Any) -> tuple[NDArray[np.uint8], str]:
    if message.encoding not in READABLE:
        raise EncodingError(
            f'images in encoding {message.encoding!r} are not supported: convert the bag to one '
            'of '
            f'{", ".join(sorted(READABLE))}'
        )
    return read_pixels(
        message.data,
        message.encoding,
        message.width,
        message.height,
        message.step,
        bool(message.is_bigendian),
    )

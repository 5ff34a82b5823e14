"""Convert image messages, as the library rosbags reads them, to frames."""

from __future__ import annotations

from typing import Any

from fer_ros.core.imaging.decoding import decode_image
from fer_ros.core.imaging.pixels import read_image
from fer_ros.core.types import S_TO_NS, Frame

COMPRESSED_IMAGE = 'sensor_msgs/msg/CompressedImage'
IMAGE_TYPES = frozenset(('sensor_msgs/msg/Image', COMPRESSED_IMAGE))


def frame_of(message: Any, recorded: int) -> Frame:
    """Return the frame of an Image or CompressedImage.

    Args:
        message: The message.
        recorded: When it was recorded, nanoseconds: the stamp if its header has none.

    Raises:
        EncodingError: It is not an image, or its encoding cannot be read here.
    """
    stamp = message.header.stamp.sec * S_TO_NS + message.header.stamp.nanosec
    if message.__msgtype__ == COMPRESSED_IMAGE:
        image, encoding = decode_image(message.data), 'bgr8'
    else:
        image, encoding = read_image(message)
    return Frame(image, encoding, stamp or recorded, message.header.frame_id)

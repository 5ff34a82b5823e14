"""Image messages as the library rosbags reads them, made frames."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.errors import EncodingError
from fer_ros.core.images import SAME_LAYOUT, decode_image, view_pixels
from fer_ros.core.types import ENCODING_CHANNELS, Frame

COMPRESSED_IMAGE = 'sensor_msgs/msg/CompressedImage'
IMAGE_TYPES = frozenset(('sensor_msgs/msg/Image', COMPRESSED_IMAGE))

# Names of sensor_msgs/image_encodings, and how OpenCV calls the same: it names a Bayer pattern by
# its second row.
_BAYER = {
    'bayer_rggb8': cv2.COLOR_BayerBG2BGR,
    'bayer_bggr8': cv2.COLOR_BayerRG2BGR,
    'bayer_gbrg8': cv2.COLOR_BayerGR2BGR,
    'bayer_grbg8': cv2.COLOR_BayerGB2BGR,
}
_YUV422 = {
    'uyvy': cv2.COLOR_YUV2BGR_UYVY,
    'yuv422': cv2.COLOR_YUV2BGR_UYVY,
    'yuyv': cv2.COLOR_YUV2BGR_YUY2,
    'yuv422_yuy2': cv2.COLOR_YUV2BGR_YUY2,
}


def frame_of(message: Any, recorded: int) -> Frame:
    """Return the frame of an Image or CompressedImage.

    recorded: nanoseconds, the stamp of a message whose header has none.
    Raises EncodingError for what is no picture, or of an encoding that cannot be read here.
    """
    stamp = message.header.stamp.sec * 1_000_000_000 + message.header.stamp.nanosec
    if message.__msgtype__ == COMPRESSED_IMAGE:
        image, encoding = decode_image(message.data), 'bgr8'
    else:
        image, encoding = _pixels(message)
    return Frame(image, encoding, stamp or recorded, message.header.frame_id)


def _pixels(message: Any) -> tuple[NDArray[np.uint8], str]:
    encoding = SAME_LAYOUT.get(message.encoding, message.encoding)
    width, height, step = message.width, message.height, message.step
    if encoding in ENCODING_CHANNELS:
        return view_pixels(message.data, encoding, width, height, step), encoding
    if encoding in _BAYER:
        raw = view_pixels(message.data, 'mono8', width, height, step)
        return np.asarray(cv2.cvtColor(raw, _BAYER[encoding]), np.uint8), 'bgr8'
    if encoding in _YUV422:
        raw = np.ascontiguousarray(view_pixels(message.data, 'mono8', 2 * width, height, step))
        pairs = raw.reshape(height, width, 2)
        return np.asarray(cv2.cvtColor(pairs, _YUV422[encoding]), np.uint8), 'bgr8'
    if encoding == 'mono16':
        raw = np.ascontiguousarray(view_pixels(message.data, 'mono8', 2 * width, height, step))
        high = raw.reshape(height, width, 2)[..., 0 if message.is_bigendian else 1]
        return np.ascontiguousarray(high), 'mono8'
    known = sorted([*ENCODING_CHANNELS, *SAME_LAYOUT, *_BAYER, *_YUV422, 'mono16'])
    raise EncodingError(
        f'images in encoding {message.encoding!r} cannot be read here, but in {", ".join(known)}')

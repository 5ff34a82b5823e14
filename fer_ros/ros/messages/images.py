"""Converts images, compressed or not, to frames and back.

8-bit gray and colour images are viewed, not copied. OpenCV converts other common encodings.
cv_bridge converts the rest, if it is installed.
"""

from __future__ import annotations

import array

import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CompressedImage, Image

from fer_ros.core import types
from fer_ros.core.depth import DepthImage
from fer_ros.core.errors import EncodingError
from fer_ros.core.imaging.decoding import decode_image
from fer_ros.core.imaging.files import encode_picture
from fer_ros.core.imaging.pixels import READABLE, read_image
from fer_ros.ros.messages.stamps import header, set_header, stamp_from_time

#: Types of a pixel by the encoding of the depth image: millimetres, or metres.
_DEPTHS = {'16UC1': np.uint16, 'mono16': np.uint16, '32FC1': np.float32}


def frame_from_image(message: Image) -> types.Frame:
    """Return the frame of an image message, for 8-bit gray and colour without a copy.

    The image of the frame is a view that keeps the data of the message alive.

    Raises:
        EncodingError: The image contradicts itself, or its encoding needs cv_bridge, which is not
            installed.
    """
    if message.encoding in READABLE:
        pixels, encoding = read_image(message)
    else:
        pixels, encoding = _with_cv_bridge(message), 'bgr8'
    return types.Frame(
        pixels, encoding, stamp_from_time(message.header.stamp), message.header.frame_id
    )


def _with_cv_bridge(message: Image) -> NDArray[np.uint8]:
    try:
        # Imported here, because it can be missing, or fail in any way if built for another numpy.
        from cv_bridge import CvBridge

        bridge = CvBridge()
    except Exception as error:
        raise EncodingError(
            f'image encoding {message.encoding!r} needs cv_bridge, which cannot be used '
            f'({type(error).__name__}: {error}): install ros-<distro>-cv-bridge (and a numpy it '
            f'was built for), or publish one of {", ".join(sorted(READABLE))}'
        ) from error
    try:
        # CvBridge does not check sizes.
        if not message.width or not message.height or not len(message.data):
            raise ValueError('the image is empty: check its publisher')
        image: NDArray[np.uint8] = bridge.imgmsg_to_cv2(message, 'bgr8')
    except Exception as error:
        raise EncodingError(
            f'cv_bridge cannot convert image encoding {message.encoding!r} '
            f'({error}): publish one of {", ".join(sorted(READABLE))}'
        ) from error
    return image


def frame_from_compressed(message: CompressedImage, rotate: bool = False) -> types.Frame:
    """Return the decoded frame of a message.

    Args:
        rotate: Rotate it upright by its EXIF orientation. This is for photographs. Frames of a
            camera must stay as camera_info describes them.

    Raises:
        EncodingError: It cannot be decoded.
    """
    image = decode_image(memoryview(message.data), rotate=rotate)
    return types.Frame(
        image,
        'bgr8' if image.ndim == 3 else 'mono8',
        stamp_from_time(message.header.stamp),
        message.header.frame_id,
    )


def frame(item: types.Frame | Image | CompressedImage) -> types.Frame:
    """Return the frame of a message, or a frame itself.

    Raises:
        EncodingError: It cannot be decoded.
    """
    if isinstance(item, types.Frame):
        return item
    if isinstance(item, CompressedImage):
        return frame_from_compressed(item)
    return frame_from_image(item)


def depth_image(message: Image) -> DepthImage:
    """Return the distances of a depth image, without a copy if its byte order is that of the
    machine.

    Raises:
        EncodingError: The encoding is not 16UC1, mono16 or 32FC1, or the image contradicts itself.
    """
    kind = _DEPTHS.get(message.encoding)
    if kind is None:
        raise EncodingError(
            f'a depth image has the encoding {message.encoding!r}: publish one of '
            f'{", ".join(_DEPTHS)}'
        )
    stored = np.dtype(kind).newbyteorder('>' if message.is_bigendian else '<')
    width, height, step = message.width, message.height, message.step
    if step < width * stored.itemsize or len(message.data) < step * height or not width * height:
        raise EncodingError(
            f'a depth image of {width}x{height} pixels with rows of {step} bytes has '
            f'{len(message.data)} bytes: its publisher must fill it'
        )
    rows = np.frombuffer(message.data, np.uint8, step * height).reshape(height, step)
    pixels = np.ascontiguousarray(rows[:, : width * stored.itemsize]).view(stored)
    return DepthImage(pixels.astype(kind, copy=False), stamp_from_time(message.header.stamp))


class ImageBuffer:
    """An Image message that is used repeatedly, with one copy per frame and no allocation."""

    def __init__(self) -> None:
        self._message = Image()
        self._pixels: NDArray[np.uint8] = np.empty(0, np.uint8)

    def fill(self, frame: types.Frame) -> Image:
        """Copy the frame's pixels into the message and return it. Valid until the next fill."""
        image = frame.image
        if self._pixels.size != image.size:
            self._message.data = array.array('B', bytes(image.size))
            # The message may have copied the array, so write to its own.
            self._pixels = np.frombuffer(self._message.data, np.uint8)
        np.copyto(self._pixels.reshape(image.shape), image)
        message = self._message
        set_header(message.header, frame.stamp, frame.frame_id)
        message.height, message.width = frame.height, frame.width
        message.encoding = frame.encoding
        message.step = frame.width * types.ENCODING_CHANNELS[frame.encoding]
        return message


def compressed_message(stamp: int, frame_id: str, jpeg: bytes) -> CompressedImage:
    """Return the message of a JPEG."""
    message = CompressedImage(header=header(stamp, frame_id), format='jpeg')
    message.data = array.array('B', jpeg)
    return message


def jpeg_message(frame: types.Frame, quality: int) -> CompressedImage:
    """Return the message of a mono8 or bgr8 frame as a JPEG of a quality of 1 to 100."""
    jpeg = encode_picture('.jpg', frame.image, quality)
    return compressed_message(frame.stamp, frame.frame_id, jpeg)

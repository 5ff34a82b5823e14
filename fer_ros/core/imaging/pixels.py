"""Pixels of uncompressed images in the encodings of sensor_msgs/image_encodings.

8-bit gray and colour images are viewed, not copied. OpenCV converts the others.
"""

from __future__ import annotations

from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.errors import EncodingError
from fer_ros.core.types import ENCODING_CHANNELS

#: Other names of the encodings in ENCODING_CHANNELS.
SAME_LAYOUT = {'8UC1': 'mono8', '8UC3': 'bgr8', '8UC4': 'bgra8'}

#: Encodings with two bytes per sample, and the encoding that keeps the higher byte.
_SIXTEEN_BITS = {
    'mono16': 'mono8',
    'rgb16': 'rgb8',
    'bgr16': 'bgr8',
    'rgba16': 'rgba8',
    'bgra16': 'bgra8',
    '16UC3': 'bgr8',
    '16UC4': 'bgra8',
}

#: In OpenCV, the name of a Bayer pattern is that of the second and third pixel of its second row.
_BAYER = {
    'bayer_rggb': cv2.COLOR_BayerBG2BGR,
    'bayer_bggr': cv2.COLOR_BayerRG2BGR,
    'bayer_gbrg': cv2.COLOR_BayerGR2BGR,
    'bayer_grbg': cv2.COLOR_BayerGB2BGR,
}
_YUV422 = {
    'uyvy': cv2.COLOR_YUV2BGR_UYVY,
    'yuv422': cv2.COLOR_YUV2BGR_UYVY,
    'yuyv': cv2.COLOR_YUV2BGR_YUY2,
    'yuv422_yuy2': cv2.COLOR_YUV2BGR_YUY2,
}
#: A plane of brightness, and half as many rows of colour below it.
_YUV420 = {'nv12': cv2.COLOR_YUV2BGR_NV12, 'nv21': cv2.COLOR_YUV2BGR_NV21}

#: All encodings that read_image() and read_pixels() read.
READABLE = (
    *ENCODING_CHANNELS,
    *SAME_LAYOUT,
    *_SIXTEEN_BITS,
    *_YUV422,
    *_YUV420,
    *(f'{pattern}{bits}' for pattern in _BAYER for bits in (8, 16)),
)


class ImageFields(Protocol):
    """The fields of a sensor_msgs/Image, whichever library read the message.

    Attributes:
        data: A buffer of bytes.
        encoding: A name of sensor_msgs/image_encodings.
        width: Pixels in a row.
        height: Rows.
        step: Bytes from row to row.
        is_bigendian: Byte order of samples of 16 bits.
    """

    data: Any
    encoding: str
    width: int
    height: int
    step: int
    is_bigendian: int


def read_image(message: ImageFields) -> tuple[NDArray[np.uint8], str]:
    """Return the pixels of an image message, and their encoding, a key of ENCODING_CHANNELS.

    Raises:
        EncodingError: The encoding is not in READABLE, or the image contradicts itself.
    """
    if message.encoding not in READABLE:
        raise EncodingError(
            f'images in encoding {message.encoding!r} are not supported: convert them to one of '
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


def read_pixels(
    data: Any,
    encoding: str,
    width: int,
    height: int,
    step: int,
    big_endian: bool = False,
) -> tuple[NDArray[np.uint8], str]:
    """Return the pixels of an image, and their encoding, a key of ENCODING_CHANNELS.

    Args:
        data: A buffer of bytes.
        encoding: One of READABLE.
        width: Pixels in a row.
        height: Rows.
        step: Bytes from row to row.
        big_endian: Byte order of samples of 16 bits.

    Returns:
        (H, W) or (H, W, channels) uint8, and the encoding: a key of ENCODING_CHANNELS.

    Raises:
        EncodingError: The image contradicts itself.
    """
    ours = SAME_LAYOUT.get(encoding, encoding)
    if ours in ENCODING_CHANNELS:
        return view_pixels(data, ours, width, height, step), ours
    if encoding in _SIXTEEN_BITS:
        ours = _SIXTEEN_BITS[encoding]
        channels = ENCODING_CHANNELS[ours]
        return _high_bytes(data, encoding, (height, width, channels), step, big_endian), ours
    if width % 2 and (encoding in _YUV422 or encoding in _YUV420):
        # OpenCV 4.5.4 does not refuse all of these.
        raise EncodingError(
            f'image of {width} columns in {encoding}: its publisher must send an even width'
        )
    if encoding in _YUV422:
        rows = _view(data, encoding, (height, width, 2), step)
        return _converted(rows, _YUV422[encoding], encoding), 'bgr8'
    if encoding in _YUV420:
        if height % 2:
            raise EncodingError(
                f'image of {height} rows in {encoding}: its publisher must send an even number'
            )
        rows = _view(data, encoding, (height * 3 // 2, width, 1), step)
        return _converted(rows, _YUV420[encoding], encoding), 'bgr8'
    if encoding.endswith('16'):
        rows = _high_bytes(data, encoding, (height, width, 1), step, big_endian)
    else:
        rows = _view(data, encoding, (height, width, 1), step)
    return _converted(rows, _BAYER[encoding.rstrip('0123456789')], encoding), 'bgr8'


def view_pixels(
    data: Any,
    encoding: str,
    width: int,
    height: int,
    step: int,
) -> NDArray[np.uint8]:
    """Return rows of pixels in a buffer as an image without a copy, (H, W) or (H, W, channels).

    Args:
        data: A buffer of bytes.
        encoding: A key of ENCODING_CHANNELS.
        width: Pixels in a row.
        height: Rows.
        step: Bytes from row to row.

    Raises:
        EncodingError: The image contradicts itself.
    """
    return _view(data, encoding, (height, width, ENCODING_CHANNELS[encoding]), step)


def _view(
    data: Any,
    encoding: str,
    shape: tuple[int, int, int],
    step: int,
) -> NDArray[np.uint8]:
    """Return bytes of a shape (rows, columns, bytes of a pixel) without a copy.

    With one byte per pixel, the last axis is omitted.

    Raises:
        EncodingError: The image contradicts itself.
    """
    height, width, size = shape
    row = width * size
    if not width or not height:
        raise EncodingError(f'image of {width}x{height} pixels is empty: check its publisher')
    if step < row:
        raise EncodingError(
            f'image step {step} is shorter than a row of {width} pixels in '
            f'{encoding} ({row} bytes): its publisher must set step'
        )
    # The last row may lack its padding.
    needed = step * (height - 1) + row
    if len(data) < needed:
        raise EncodingError(
            f'image has {len(data)} bytes, but {height} rows of '
            f'{step} need {needed}: its publisher must send all of them'
        )
    flat = np.frombuffer(data, np.uint8)
    strides = (step, size, 1)
    axes = 2 if size == 1 else 3
    pixels: NDArray[np.uint8] = np.ndarray(shape[:axes], np.uint8, flat, strides=strides[:axes])
    return pixels


def _high_bytes(
    data: Any,
    encoding: str,
    shape: tuple[int, int, int],
    step: int,
    big_endian: bool,
) -> NDArray[np.uint8]:
    """Return the higher byte of each sample of 16 bits, (H, W) or (H, W, channels)."""
    height, width, channels = shape
    pairs = _view(data, encoding, (height, width, 2 * channels), step)
    high = np.ascontiguousarray(pairs[..., 0 if big_endian else 1 :: 2])
    return high[..., 0] if channels == 1 else high


def _converted(image: NDArray[np.uint8], code: int, encoding: str) -> NDArray[np.uint8]:
    try:
        return np.asarray(cv2.cvtColor(np.ascontiguousarray(image), code), np.uint8)
    except cv2.error as error:
        raise EncodingError(
            f'image of {image.shape[1]}x{image.shape[0]} in {encoding} cannot be converted '
            f'({error.err}): its publisher must send an even width'
        ) from error

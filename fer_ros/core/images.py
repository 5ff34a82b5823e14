"""Pictures that come from outside: decoded, bounded, and never half a picture."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.errors import EncodingError

#: Larger pictures are refused before they are decoded: 100 megapixels are 300 MB in memory.
MAX_PIXELS = 100_000_000

_JPEG_START = b'\xff\xd8'
_JPEG_END = b'\xff\xd9'
_PNG_START = b'\x89PNG\r\n\x1a\n'
_PNG_END = b'IEND\xaeB\x60\x82'
#: Samples of a pixel by colour type (PNG specification, 11.2.1).
_PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_INFLATED_AT_ONCE = 1 << 20
#: Cameras pad JPEGs to whole blocks; the end marker is looked for in this many last bytes.
_PADDING = 4096


def decode_image(
    data: bytes | bytearray | memoryview, name: str = 'image', *, rotate: bool = False,
) -> NDArray[np.uint8]:
    """Decode a picture to bgr8, (H, W, 3).

    name: what to call the picture in errors.
    rotate: turn it upright as its EXIF orientation says; off, pixels stay where the file has them.
    Raises EncodingError for empty, truncated, oversized or unknown data.
    """
    buffer = np.frombuffer(data, np.uint8)
    if not buffer.size:
        raise EncodingError(f'{name} is empty: check what sends it')
    _check_complete(buffer, name)
    _check_size(buffer, name)
    _check_png(buffer.data, name)
    flags = cv2.IMREAD_COLOR if rotate else cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        image = cv2.imdecode(buffer, flags)
    except cv2.error as error:
        raise EncodingError(f'{name} cannot be decoded ({error.err})') from error
    if image is None:
        raise EncodingError(
            f'{name} cannot be decoded: {buffer.size} bytes that are no picture OpenCV knows; '
            'send a JPEG or a PNG')
    return image.astype(np.uint8, copy=False)


def _check_complete(buffer: NDArray[np.uint8], name: str) -> None:
    """Refuse a JPEG or PNG without its end: decoders fill the missing part with gray."""
    start = buffer[:8].tobytes()
    tail = buffer[-_PADDING:].tobytes()
    if (start.startswith(_JPEG_START) and _JPEG_END not in tail) or (
            start == _PNG_START and _PNG_END not in tail):
        raise EncodingError(
            f'{name} is truncated: {buffer.size} bytes without an end marker; send it whole')


def _check_png(data: memoryview, name: str) -> None:
    """Refuse a PNG that lacks pixels.

    OpenCV 4.11 takes minutes over a few bytes, 4.14 makes up what is missing. PNG specification,
    10.1: the data of all IDAT chunks is one zlib stream.
    """
    if bytes(data[:8]) != _PNG_START:
        return
    missing, found = 0, 0
    stream = zlib.decompressobj()
    try:
        for kind, content in _png_chunks(data, name):
            if kind == b'IHDR':
                missing = _png_bytes(content)
            while kind == b'IDAT' and content and found < missing:
                found += len(stream.decompress(content, _INFLATED_AT_ONCE))
                content = memoryview(stream.unconsumed_tail)
        found += len(stream.flush())
    except (zlib.error, struct.error) as error:
        raise EncodingError(f'{name} cannot be decoded: damaged PNG ({error})') from error
    if not missing or found < missing:
        raise EncodingError(
            f'{name} cannot be decoded: a PNG without all its pixels; send it whole')


def _png_chunks(data: memoryview, name: str) -> Iterator[tuple[bytes, memoryview]]:
    """Yield type and content of each chunk to the last; EncodingError where one is cut off.

    PNG specification, 5.3: length, type, content and check sum.
    """
    position, kind = 8, b''
    while kind != b'IEND':
        if position + 12 > len(data):
            raise EncodingError(
                f'{name} cannot be decoded: its last chunk is not there; send it whole')
        length, kind = struct.unpack('>I4s', data[position:position + 8])
        content = data[position + 8:position + 8 + length]
        position += 12 + length
        if position > len(data):
            raise EncodingError(
                f'{name} cannot be decoded: a chunk of {length} bytes reaches beyond its '
                'end; send it whole')
        yield kind, content


def _png_bytes(header: memoryview) -> int:
    """Return how many bytes a PNG's pixels take at least: rows with a filter type each (7.2)."""
    fields: tuple[int, ...] = struct.unpack('>IIBBBBB', header)
    width, height, depth, colour, _, _, interlaced = fields
    bits = width * depth * _PNG_CHANNELS.get(colour, 1)
    # Interlaced, the same pixels come in seven passes (8.2).
    return height * bits // 8 if interlaced else height * (1 + (bits + 7) // 8)


def _check_size(buffer: NDArray[np.uint8], name: str) -> None:
    size = encoded_size(buffer)
    if size is not None and size[0] * size[1] > MAX_PIXELS:
        raise EncodingError(
            f'{name} of {size[0]}x{size[1]} pixels is larger than the limit of '
            f'{MAX_PIXELS // 1_000_000} megapixels: shrink it')


def encoded_size(buffer: NDArray[np.uint8]) -> tuple[int, int] | None:
    """Return width and height from a JPEG's or PNG's header, None for what is neither."""
    data = buffer.data
    if bytes(data[:8]) == _PNG_START and len(data) >= 24:
        width, height = struct.unpack('>II', data[16:24])
        return width, height
    if bytes(data[:2]) == _JPEG_START:
        return _jpeg_size(data)
    return None


def _jpeg_size(data: memoryview) -> tuple[int, int] | None:
    """Walk a JPEG's segments to the frame header (ITU-T T.81, B.2.2)."""
    position = 2
    while position + 9 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack('>HH', data[position + 5:position + 9])
            return width, height
        else:
            (length,) = struct.unpack('>H', data[position + 2:position + 4])
            position += 2 + length
    return None

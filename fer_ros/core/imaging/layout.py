"""The structure of picture files: size, number of pictures, and the end of the picture.

The structure of a file shows whether it is truncated, even if other data (padding, a video, a
second picture) follows its end.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

#: First bytes of a PNG and of a JPEG.
PNG_START = b'\x89PNG\r\n\x1a\n'
JPEG_START = b'\xff\xd8'

#: A marker of a JPEG, except restart markers. FF 00 is a data byte, and FF FF is padding.
_JPEG_MARKER = re.compile(rb'\xff[\x01-\xcf\xd8-\xfe]')
_JPEG_SCAN, _JPEG_END, _JPEG_ALONE = 0xDA, 0xD9, 0x01
#: Markers of a frame header, which contains the size.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
#: Markers that can follow the first pixels (ITU-T T.81, figure B.2): tables, comments, a scan.
_JPEG_LATER = frozenset((0xC4, 0xCC, 0xDA, 0xDB, 0xDC, 0xDD, 0xDF, *range(0xE0, 0xF0), 0xFE))

#: Samples of a pixel by colour type (PNG specification, 11.2.1).
_PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_INFLATED_AT_ONCE = 1 << 20


class LayoutError(Exception):
    """A file violates its format. The message is the reason."""


class TruncatedError(LayoutError):
    """A file ends before its picture does. The message describes the evidence."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The properties of a picture by the structure of its file.

    Attributes:
        width: Pixels. 0 if only the decoder knows.
        height: Pixels. 0 if only the decoder knows.
        end: Number of bytes up to the end of the picture.
        frames: Number of pictures of an animation, or of pages. 1 for a still picture.
        orientation: EXIF orientation of a WebP, because older OpenCV does not apply it.
    """

    width: int
    height: int
    end: int
    frames: int = 1
    orientation: int = 1


def jpeg_layout(data: memoryview) -> Layout:
    """Follow the markers of a JPEG (ITU-T T.81, annex B) to the end of its first image."""
    position, size, scanned = 2, None, False
    while found := _JPEG_MARKER.search(data, position):
        marker, position = data[found.start() + 1], found.end()
        if marker == _JPEG_END:
            if size is None or not scanned:
                raise LayoutError('it contains no picture')
            return Layout(*size, position)
        if scanned and marker not in _JPEG_LATER:
            raise TruncatedError('other data begins before its end marker')
        if marker == _JPEG_ALONE:
            continue
        if marker in _JPEG_FRAMES:
            size = _jpeg_size(data, position)
        scanned |= marker == _JPEG_SCAN
        (length,) = struct.unpack_from('>H', data, position)
        position += length
    raise TruncatedError('it has no end marker')


def png_layout(data: memoryview) -> Layout:
    """Follow the chunks of a PNG (PNG specification, 5.3) to the last one."""
    size, frames, end = (0, 0), 1, len(PNG_START)
    for kind, content in _png_chunks(data):
        end += 12 + len(content)
        if kind == b'IHDR':
            size = struct.unpack_from('>II', content)
        elif kind == b'acTL':
            frames = struct.unpack_from('>I', content)[0]
    return Layout(*size, end, max(frames, 1))


def check_png_pixels(data: memoryview) -> None:
    """Raise LayoutError for a PNG that lacks pixels. Check its size first.

    OpenCV 4.11 takes minutes for a few bytes, and 4.14 invents the missing pixels. The data of all
    IDAT chunks is one zlib stream (10.1).
    """
    missing, found = 0, 0
    stream = zlib.decompressobj()
    try:
        for kind, content in _png_chunks(data):
            if kind == b'IHDR':
                missing = _png_bytes(content)
            while kind == b'IDAT' and content and found < missing:
                found += len(stream.decompress(content, _INFLATED_AT_ONCE))
                content = memoryview(stream.unconsumed_tail)
        found += len(stream.flush())
    except (zlib.error, struct.error) as error:
        raise LayoutError(f'damaged PNG ({error})') from error
    if not missing or found < missing:
        raise LayoutError('the PNG lacks some of its pixels: copy or send the complete file')


def _png_chunks(data: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """Yield the type and the content of each chunk. Raise LayoutError for a truncated one."""
    position, kind = 8, b''
    while kind != b'IEND':
        if position + 12 > len(data):
            raise LayoutError('it is truncated, its last chunk is missing')
        length, kind = struct.unpack_from('>I4s', data, position)
        content = data[position + 8 : position + 8 + length]
        position += 12 + length
        if position > len(data):
            raise LayoutError(f'it is truncated, a chunk of {length} bytes reaches beyond its end')
        yield kind, content


def _png_bytes(header: memoryview) -> int:
    """Return the smallest number of bytes for the pixels of a PNG. Each row has a filter type
    (7.2)."""
    fields: tuple[int, ...] = struct.unpack('>IIBBBBB', header)
    width, height, depth, colour, _, _, interlaced = fields
    bits = width * depth * _PNG_CHANNELS.get(colour, 1)
    # In an interlaced picture, the same pixels are in seven passes (8.2).
    return height * bits // 8 if interlaced else height * (1 + (bits + 7) // 8)


def header_size(data: memoryview) -> tuple[int, int] | None:
    """Return width and height from the header of a JPEG or PNG. None for other formats."""
    if data[:8] == PNG_START and len(data) >= 24:
        width, height = struct.unpack_from('>II', data, 16)
        return width, height
    if data[:2] != JPEG_START:
        return None
    position = 2
    while position + 9 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
        elif marker in _JPEG_FRAMES:
            return _jpeg_size(data, position + 2)
        else:
            position += 2 + struct.unpack_from('>H', data, position + 2)[0]
    return None


def _jpeg_size(data: memoryview, place: int) -> tuple[int, int]:
    """Return the width and the height in a frame header, from the position of its length
    (B.2.2)."""
    height, width = struct.unpack_from('>HH', data, place + 3)
    return width, height

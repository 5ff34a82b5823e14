"""The structure of picture files: size, number of pictures, and where the file's picture ends.

A file that stops before its end is told by its structure, so that whatever stands behind the end
(padding, a video, a second picture) does no harm.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: First bytes of a PNG and of a JPEG.
PNG_START = b'\x89PNG\r\n\x1a\n'
JPEG_START = b'\xff\xd8'

#: A marker of a JPEG, but for restart markers; FF 00 is a data byte, FF FF is padding.
_JPEG_MARKER = re.compile(rb'\xff[\x01-\xcf\xd8-\xfe]')
_JPEG_SCAN, _JPEG_END, _JPEG_ALONE = 0xDA, 0xD9, 0x01
#: Markers of a frame header, which holds the size.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
#: What may follow once pixels have begun (ITU-T T.81, figure B.2): tables, comments, a scan.
_JPEG_LATER = frozenset((0xC4, 0xCC, 0xDA, 0xDB, 0xDC, 0xDD, 0xDF, *range(0xE0, 0xF0), 0xFE))

#: Samples of a pixel by colour type (PNG specification, 11.2.1).
_PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_INFLATED_AT_ONCE = 1 << 20

_WEBP_ANIMATED = 0x02

#: Tags of a TIFF: reduced copy, width, height, places and lengths of strips and of tiles.
_SUBFILE, _WIDTH, _HEIGHT, _STRIPS, _TILES = 254, 256, 257, (273, 279), (324, 325)
_TIFF_TYPES = {3: 'u2', 4: 'u4'}
_MOST_PAGES = 10_000

_PNM_SPACE = rb'(?:\s|#[^\n]*\n)+'
_PNM_SIZE = re.compile(rb'P[1-6]' + _PNM_SPACE + rb'(\d{1,9})' + _PNM_SPACE + rb'(\d{1,9})')

#: Boxes of an HEIC or AVIF file without which it is not whole (ISO/IEC 14496-12).
_NEEDED_BOXES = (b'meta', b'mdat', b'moov')


class LayoutError(Exception):
    """A file is not built as its format says; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What the structure of a file says.

    width, height: pixels, 0 where only the decoder knows. end: bytes up to the end of the picture.
    frames: pictures of an animation, or pages; 1 for a still picture.
    """

    width: int
    height: int
    end: int
    frames: int = 1


def jpeg_layout(data: memoryview) -> Layout:
    """Walk a JPEG from marker to marker (ITU-T T.81, annex B) to the end of its first image."""
    position, size, scanned = 2, None, False
    while found := _JPEG_MARKER.search(data, position):
        marker, position = data[found.start() + 1], found.end()
        if marker == _JPEG_END:
            if size is None or not scanned:
                raise LayoutError('it holds no picture')
            return Layout(*size, position)
        if scanned and marker not in _JPEG_LATER:
            raise LayoutError('it is truncated: other data begins before its end marker')
        if marker == _JPEG_ALONE:
            continue
        if marker in _JPEG_FRAMES:
            size = _jpeg_size(data, position)
        scanned |= marker == _JPEG_SCAN
        (length,) = struct.unpack_from('>H', data, position)
        position += length
    raise LayoutError('it is truncated: it has no end marker')


def png_layout(data: memoryview) -> Layout:
    """Go through a PNG's chunks (PNG specification, 5.3) to its last."""
    size, frames, end = (0, 0), 1, len(PNG_START)
    for kind, content in _png_chunks(data):
        end += 12 + len(content)
        if kind == b'IHDR':
            size = struct.unpack_from('>II', content)
        elif kind == b'acTL':
            frames = struct.unpack_from('>I', content)[0]
    return Layout(*size, end, max(frames, 1))


def check_png_pixels(data: memoryview) -> None:
    """Raise LayoutError for a PNG that lacks pixels; its size is to be checked before.

    OpenCV 4.11 takes minutes over a few bytes, 4.14 makes up what is missing. The data of all
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
        raise LayoutError('a PNG without all its pixels; send it whole')


def _png_chunks(data: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """Yield type and content of each chunk to the last; LayoutError where one is cut off."""
    position, kind = 8, b''
    while kind != b'IEND':
        if position + 12 > len(data):
            raise LayoutError('it is truncated: its last chunk is not there; send it whole')
        length, kind = struct.unpack_from('>I4s', data, position)
        content = data[position + 8:position + 8 + length]
        position += 12 + length
        if position > len(data):
            raise LayoutError(
                f'it is truncated: a chunk of {length} bytes reaches beyond its end; send it '
                'whole')
        yield kind, content


def _png_bytes(header: memoryview) -> int:
    """Return how many bytes a PNG's pixels take at least: rows with a filter type each (7.2)."""
    fields: tuple[int, ...] = struct.unpack('>IIBBBBB', header)
    width, height, depth, colour, _, _, interlaced = fields
    bits = width * depth * _PNG_CHANNELS.get(colour, 1)
    # Interlaced, the same pixels come in seven passes (8.2).
    return height * bits // 8 if interlaced else height * (1 + (bits + 7) // 8)


def webp_layout(data: memoryview) -> Layout:
    """Go through the chunks of a WebP's RIFF container (RFC 9649)."""
    # Some writers leave out the byte that pads the last chunk.
    end = 8 + struct.unpack_from('<I', data, 4)[0]
    if end > len(data) + 1:
        raise LayoutError(f'it is truncated: it lacks {end - len(data)} of {end} bytes')
    size, frames, position = (0, 0), 0, 12
    while position + 8 <= end:
        kind, length = struct.unpack_from('<4sI', data, position)
        content = data[position + 8:position + 8 + length]
        if size == (0, 0):
            size = _webp_size(kind, content)
        frames += kind == b'ANMF'
        position += 8 + length + length % 2
    if size == (0, 0) or position > end + 1:
        raise LayoutError('damaged WebP: its chunks do not fit into it')
    return Layout(*size, min(end, len(data)), max(frames, 1))


def _webp_size(kind: bytes, content: memoryview) -> tuple[int, int]:
    if kind == b'VP8X':
        width, height = (int.from_bytes(content[at:at + 3], 'little') + 1 for at in (4, 7))
    elif kind == b'VP8L':
        (packed,) = struct.unpack_from('<I', content, 1)
        width, height = (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    elif kind == b'VP8 ':
        width, height = (side & 0x3FFF for side in struct.unpack_from('<HH', content, 6))
    else:
        width = height = 0
    return width, height


def gif_layout(data: memoryview) -> Layout:
    """Go through a GIF's blocks to its trailer (GIF89a specification)."""
    width, height, flags = struct.unpack_from('<HHB', data, 6)
    position, frames = 13 + _colour_table(flags), 0
    while (kind := data[position]) != 0x3B:
        if kind == 0x2C:
            frames += 1
            position += 11 + _colour_table(data[position + 9])
        elif kind == 0x21:
            position += 2
        else:
            raise LayoutError(f'damaged GIF: an unknown block at byte {position}')
        while length := data[position]:
            position += 1 + length
        position += 1
    if not frames:
        raise LayoutError('it holds no picture')
    return Layout(width, height, position + 1, frames)


def _colour_table(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def tiff_layout(data: memoryview) -> Layout:
    """Go through the pages of a TIFF (TIFF 6.0, section 2); reduced copies do not count."""
    order = '<' if data[0] == ord('I') else '>'
    sizes: list[tuple[int, int]] = []
    seen: set[int] = set()
    (place,) = struct.unpack_from(f'{order}I', data, 4)
    while place and place not in seen and len(seen) < _MOST_PAGES:
        seen.add(place)
        tags, place = _tiff_page(data, order, place)
        reduced = bool(tags.get(_SUBFILE, [0])[0] & 1)
        if reduced and not sizes:
            raise LayoutError(
                'it begins with a preview, as camera raw files do: save it as JPEG')
        if not reduced:
            sizes.append((int(tags[_WIDTH][0]), int(tags[_HEIGHT][0])))
    if not sizes:
        raise LayoutError('it holds no picture')
    return Layout(*sizes[0], len(data), len(sizes))


def _tiff_page(
    data: memoryview, order: str, place: int,
) -> tuple[dict[int, NDArray[np.int64]], int]:
    """Return the whole numbers of a page by tag, and where the next page is, 0 for none."""
    (count,) = struct.unpack_from(f'{order}H', data, place)
    tags = {}
    for at in range(place + 2, place + 2 + 12 * count, 12):
        tag, kind, number = struct.unpack_from(f'{order}HHI', data, at)
        if kind in _TIFF_TYPES and number:
            step = np.dtype(order + _TIFF_TYPES[kind])
            inside = number * step.itemsize <= 4
            offset = at + 8 if inside else struct.unpack_from(f'{order}I', data, at + 8)[0]
            tags[tag] = np.frombuffer(data, step, number, offset).astype(np.int64)
    if not {_WIDTH, _HEIGHT} <= set(tags):
        raise LayoutError('damaged TIFF: a page without a size')
    for places, lengths in (_STRIPS, _TILES):
        if places in tags and lengths in tags and len(tags[places]) == len(tags[lengths]):
            missing = int((tags[places] + tags[lengths]).max()) - len(data)
            if missing > 0:
                raise LayoutError(f'it is truncated: it lacks {missing} bytes')
    return tags, struct.unpack_from(f'{order}I', data, place + 2 + 12 * count)[0]


def bmp_layout(data: memoryview) -> Layout:
    """Read the size in a BMP's header; rows may come from the bottom, with a negative height."""
    (header,) = struct.unpack_from('<I', data, 14)
    width, height = struct.unpack_from('<HH' if header == 12 else '<ii', data, 18)
    return Layout(abs(width), abs(height), len(data))


def pnm_layout(data: memoryview) -> Layout:
    """Read the size in the header of a PBM, PGM or PPM."""
    found = _PNM_SIZE.match(data)
    if found is None:
        raise LayoutError('it has no size in its header')
    return Layout(int(found[1]), int(found[2]), len(data))


def heif_layout(data: memoryview) -> Layout:
    """Go through the boxes of an HEIC or AVIF file; what stands behind them is left alone."""
    position, seen = 0, set()
    while position + 8 <= len(data):
        length, kind = struct.unpack_from('>I4s', data, position)
        if length == 1:
            (length,) = struct.unpack_from('>Q', data, position + 8)
        if not length:
            length = len(data) - position
        if position + length > len(data) and kind in _NEEDED_BOXES:
            raise LayoutError(
                f'it is truncated: it lacks {position + length - len(data)} bytes')
        if (length < 8 or position + length > len(data) or not kind.isalnum()
                or (kind == b'ftyp' and position)):
            break
        seen.add(kind)
        position += length
    if b'meta' not in seen and b'moov' not in seen:
        raise LayoutError('it is truncated: it holds no picture')
    return Layout(0, 0, position)


def header_size(data: memoryview) -> tuple[int, int] | None:
    """Return width and height from a JPEG's or PNG's header, None for what is neither."""
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
    """Return width and height of the frame header whose length stands at a place (B.2.2)."""
    height, width = struct.unpack_from('>HH', data, place + 3)
    return width, height

"""The structure of picture files of WebP, GIF, TIFF, BMP, PNM, HEIC and AVIF."""

from __future__ import annotations

import re
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.imaging.layout import Layout, LayoutError, TruncatedError

#: Tags of a TIFF: reduced copy, width, height, offsets and lengths of strips and of tiles.
_SUBFILE, _WIDTH, _HEIGHT, _STRIPS, _TILES = 254, 256, 257, (273, 279), (324, 325)
_ORIENTATION = 274
_TIFF_USED = {_SUBFILE, _WIDTH, _HEIGHT, _ORIENTATION, *_STRIPS, *_TILES}
_TIFF_TYPES = {3: 'u2', 4: 'u4'}
#: Largest number of counted pages, of tags of a page, and of values of a tag. A picture of 100
#: megapixels has at most 390,625 tiles, because the smallest tile has 16x16 pixels.
_MOST_PAGES, _MOST_TAGS, _MOST_VALUES = 1000, 1000, 400_000

_PNM_SPACE = rb'(?:\s|#[^\n]*\n)+'
_PNM_SIZE = re.compile(rb'P[1-6]' + _PNM_SPACE + rb'(\d{1,9})' + _PNM_SPACE + rb'(\d{1,9})')

#: Boxes that a complete HEIC or AVIF file contains (ISO/IEC 14496-12).
_NEEDED_BOXES = (b'meta', b'mdat', b'moov')


def webp_layout(data: memoryview) -> Layout:
    """Follow the chunks in the RIFF container of a WebP (RFC 9649)."""
    # Some writers omit the byte that pads the last chunk.
    end = 8 + struct.unpack_from('<I', data, 4)[0]
    if end > len(data) + 1:
        raise TruncatedError(f'it lacks {end - len(data)} of {end} bytes')
    size, frames, orientation, position = (0, 0), 0, 1, 12
    while position + 8 <= end:
        kind, length = struct.unpack_from('<4sI', data, position)
        content = data[position + 8 : position + 8 + length]
        if size == (0, 0):
            size = _webp_size(kind, content)
        frames += kind == b'ANMF'
        if kind == b'EXIF':
            orientation = _exif_orientation(content)
        position += 8 + length + length % 2
    if size == (0, 0) or position > end + 1:
        raise LayoutError('its chunks do not fit into it')
    return Layout(*size, min(end, len(data)), max(frames, 1), orientation)


def _exif_orientation(exif: memoryview) -> int:
    """Return the orientation in EXIF data. 1 if there is none."""
    tiff = exif[6:] if bytes(exif[:4]) == b'Exif' else exif
    try:
        order = _tiff_order(tiff)
        tags, _ = _tiff_tags(tiff, order, struct.unpack_from(f'{order}I', tiff, 4)[0])
    except (IndexError, struct.error, ValueError, LayoutError):
        return 1
    return int(tags.get(_ORIENTATION, [1])[0])


def _webp_size(kind: bytes, content: memoryview) -> tuple[int, int]:
    if kind == b'VP8X':
        width, height = (int.from_bytes(content[at : at + 3], 'little') + 1 for at in (4, 7))
    elif kind == b'VP8L':
        (packed,) = struct.unpack_from('<I', content, 1)
        width, height = (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    elif kind == b'VP8 ':
        width, height = (side & 0x3FFF for side in struct.unpack_from('<HH', content, 6))
    else:
        width = height = 0
    return width, height


def gif_layout(data: memoryview) -> Layout:
    """Follow the blocks of a GIF to its trailer (GIF89a specification)."""
    width, height, flags = struct.unpack_from('<HHB', data, 6)
    position, frames = 13 + _colour_table(flags), 0
    while (kind := data[position]) != 0x3B:
        if kind == 0x2C:
            frames += 1
            position += 11 + _colour_table(data[position + 9])
        elif kind == 0x21:
            position += 2
        else:
            raise LayoutError(f'there is an unknown block at byte {position}')
        while length := data[position]:
            position += 1 + length
        position += 1
    if not frames:
        raise LayoutError('it contains no picture')
    return Layout(width, height, position + 1, frames)


def _colour_table(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def tiff_layout(data: memoryview) -> Layout:
    """Follow the pages of a TIFF (TIFF 6.0, section 2). Reduced copies do not count."""
    order = _tiff_order(data)
    sizes: list[tuple[int, int]] = []
    seen: set[int] = set()
    (place,) = struct.unpack_from(f'{order}I', data, 4)
    while place and place not in seen and len(seen) < _MOST_PAGES:
        seen.add(place)
        tags, place = _tiff_tags(data, order, place)
        _check_page(data, tags)
        reduced = bool(tags.get(_SUBFILE, [0])[0] & 1)
        if reduced and not sizes:
            raise LayoutError('it begins with a preview, as camera raw files do: save it as JPEG')
        if not reduced:
            sizes.append((int(tags[_WIDTH][0]), int(tags[_HEIGHT][0])))
    if not sizes:
        raise LayoutError('it contains no picture')
    return Layout(*sizes[0], len(data), len(sizes))


def _tiff_order(data: memoryview) -> str:
    return '<' if data[0] == ord('I') else '>'


def _tiff_tags(
    data: memoryview,
    order: str,
    place: int,
) -> tuple[dict[int, NDArray[np.unsignedinteger[Any]]], int]:
    """Return the used tags of a directory, and the offset of the next one, 0 if there is none.

    Raises:
        LayoutError: The directory has too many tags, or a tag too many values.
    """
    (count,) = struct.unpack_from(f'{order}H', data, place)
    if count > _MOST_TAGS:
        raise LayoutError(f'a page has {count} tags, more than {_MOST_TAGS}')
    tags = {}
    for at in range(place + 2, place + 2 + 12 * count, 12):
        tag, kind, number = struct.unpack_from(f'{order}HHI', data, at)
        if tag in _TIFF_USED and kind in _TIFF_TYPES and number:
            if number > _MOST_VALUES:
                raise LayoutError(f'tag {tag} has {number} values, more than {_MOST_VALUES}')
            step = np.dtype(order + _TIFF_TYPES[kind])
            inside = number * step.itemsize <= 4
            offset = at + 8 if inside else struct.unpack_from(f'{order}I', data, at + 8)[0]
            tags[tag] = np.frombuffer(data, step, number, offset)
    return tags, struct.unpack_from(f'{order}I', data, place + 2 + 12 * count)[0]


def _check_page(data: memoryview, tags: dict[int, NDArray[np.unsignedinteger[Any]]]) -> None:
    """Raise LayoutError if a page has no size or its pixels are truncated."""
    if not {_WIDTH, _HEIGHT} <= set(tags):
        raise LayoutError('it has a page without a size')
    for places, lengths in (_STRIPS, _TILES):
        if places in tags and lengths in tags and len(tags[places]) == len(tags[lengths]):
            ends = np.add(tags[places], tags[lengths], dtype=np.int64)
            missing = int(ends.max()) - len(data)
            if missing > 0:
                raise TruncatedError(f'it lacks {missing} bytes')


def bmp_layout(data: memoryview) -> Layout:
    """Read the size in the header of a BMP. A negative height means rows from the bottom."""
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
    """Check the boxes of an HEIC or AVIF file. Data after them is ignored."""
    position, seen = 0, set()
    while position + 8 <= len(data):
        length, kind = struct.unpack_from('>I4s', data, position)
        if length == 1:
            (length,) = struct.unpack_from('>Q', data, position + 8)
        if not length:
            length = len(data) - position
        if position + length > len(data) and kind in _NEEDED_BOXES:
            raise TruncatedError(f'it lacks {position + length - len(data)} bytes')
        if (
            length < 8
            or position + length > len(data)
            or not kind.isalnum()
            or (kind == b'ftyp' and position)
        ):
            break
        seen.add(kind)
        position += length
    if b'meta' not in seen and b'moov' not in seen:
        raise TruncatedError('it contains no picture')
    return Layout(0, 0, position)

"""The readable picture formats: one table for all commands, nodes and pages.

The first bytes of a picture determine its format, not its name. OpenCV reads common
formats. If it is installed, Pillow reads GIF, AVIF, animations and, with pi-heif, HEIC.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from fer_ros.core.imaging.layout import Layout, jpeg_layout, png_layout
from fer_ros.core.imaging.rarer_layouts import (
    bmp_layout,
    gif_layout,
    heif_layout,
    pnm_layout,
    tiff_layout,
    webp_layout,
)

#: Number of first bytes that determine the format of a file.
HEAD = 64


@dataclass(frozen=True, slots=True)
class PictureFormat:
    """A kind of picture file.

    Attributes:
        start: Matches the first bytes.
        layout: Reads the structure. None if it cannot be read here.
        pillow: Pillow's name of the format, if Pillow reads it. '' for OpenCV.
        plugins: Modules. Pillow needs one of them.
        animated: Whether files of the format can be animations.
    """

    name: str
    suffixes: tuple[str, ...]
    start: re.Pattern[bytes]
    layout: Callable[[memoryview], Layout] | None = None
    pillow: str = ''
    plugins: tuple[str, ...] = ()
    animated: bool = False


def _start(pattern: bytes) -> re.Pattern[bytes]:
    return re.compile(pattern, re.DOTALL)


#: The first entry with a matching start applies.
FORMATS = (
    PictureFormat(
        'JPEG', ('.jpg', '.jpeg', '.jpe', '.jfif', '.mpo'), _start(rb'\xff\xd8\xff'), jpeg_layout
    ),
    PictureFormat(
        'PNG', ('.png', '.apng'), _start(rb'\x89PNG\r\n\x1a\n'), png_layout, animated=True
    ),
    PictureFormat('WebP', ('.webp',), _start(rb'RIFF.{4}WEBP'), webp_layout, animated=True),
    PictureFormat(
        'BMP',
        ('.bmp', '.dib'),
        _start(rb'BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0'),
        bmp_layout,
    ),
    PictureFormat('PNM', ('.pnm', '.pbm', '.pgm', '.ppm'), _start(rb'P[1-6][\s#]'), pnm_layout),
    PictureFormat('GIF', ('.gif',), _start(rb'GIF8[79]a'), gif_layout, 'GIF', animated=True),
    PictureFormat(
        'AVIF',
        ('.avif', '.avifs'),
        _start(rb'.{4}ftyp(?:avi[fs]|m[is]f1.{4}(?:.{4})*?avi[fs])'),
        heif_layout,
        'AVIF',
        animated=True,
    ),
    PictureFormat(
        'HEIC',
        ('.heic', '.heif', '.hif', '.heics'),
        _start(rb'.{4}ftyp(?:hei[cxms]|hev[cxms]|m[is]f1)'),
        heif_layout,
        'HEIF',
        ('pi_heif', 'pillow_heif'),
    ),
    # Formats that are not read. Errors name them. Raw files of cameras are TIFFs with a preview.
    PictureFormat(
        'camera raw',
        ('.dng', '.cr2', '.cr3', '.nef', '.arw', '.orf', '.rw2', '.raf'),
        _start(rb'II\*\0.{4}CR|.{4}ftypcrx|IIU\0|IIR[OS]|FUJIFILM'),
    ),
    PictureFormat('TIFF', ('.tif', '.tiff'), _start(rb'II\*\0|MM\0\*'), tiff_layout),
    PictureFormat('JPEG XL', ('.jxl',), _start(rb'\xff\x0a|\0\0\0\x0cJXL ')),
    PictureFormat(
        'JPEG 2000', ('.jp2', '.j2k', '.jpx'), _start(rb'\0\0\0\x0cjP  |\xff\x4f\xff\x51')
    ),
    PictureFormat('Photoshop', ('.psd',), _start(rb'8BPS')),
    PictureFormat('SVG', ('.svg',), _start(rb'\s*<svg')),
)

READABLE = tuple(one for one in FORMATS if one.layout is not None)
#: Formats that errors recommend instead.
READABLE_NAMES = ', '.join(one.name for one in READABLE)
PICTURE_SUFFIXES = frozenset(suffix for one in READABLE for suffix in one.suffixes)
_BY_SUFFIX = {suffix: one for one in FORMATS for suffix in one.suffixes}


def format_of(head: bytes | memoryview) -> PictureFormat | None:
    """Return the format of a file by its first HEAD bytes, None if it is not a picture."""
    head = bytes(head[:HEAD])
    return next((one for one in FORMATS if one.start.match(head)), None)


def format_named(suffix: str) -> PictureFormat | None:
    """Return the format of a suffix such as '.jpg'. None if it is unknown."""
    return _BY_SUFFIX.get(suffix.lower())

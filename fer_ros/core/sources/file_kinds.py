"""The kind of a file, by its first bytes and its name, for every command and node."""

from __future__ import annotations

import mmap
import os
from collections.abc import Sequence
from enum import Enum
from pathlib import Path

from fer_ros.core.errors import EncodingError, printable
from fer_ros.core.imaging.decoding import examine
from fer_ros.core.imaging.formats import HEAD, PictureFormat, format_named, format_of
from fer_ros.core.sources.video import VIDEO_SUFFIXES


class FileKind(Enum):
    """The kind of a file."""

    PICTURE = 'picture'
    #: An animated GIF, WebP, PNG or AVIF: frames of a video.
    ANIMATION = 'animation'
    VIDEO = 'video'
    #: A picture of a known format that cannot be read.
    UNREADABLE = 'unreadable'
    OTHER = 'other'


def kind_of(path: Path) -> FileKind:
    """Return the kind of a file from its first bytes or, if they are unknown, its suffix."""
    named, found = format_named(path.suffix), _format_in(path)
    # A raw file of a camera is a TIFF by its first bytes.
    kind = named if named is not None and named.layout is None else found or named
    if kind is not None and kind.layout is None:
        return FileKind.UNREADABLE
    if found is not None:
        moves = found.animated and _is_animation(path)
        return FileKind.ANIMATION if moves else FileKind.PICTURE
    if path.suffix.lower() in VIDEO_SUFFIXES:
        return FileKind.VIDEO
    return FileKind.OTHER if named is None else FileKind.PICTURE


def _format_in(path: Path) -> PictureFormat | None:
    try:
        # Opening a pipe would block until it has a writer.
        if not os.path.isfile(path):
            return None
        with path.open('rb') as file:
            return format_of(file.read(HEAD))
    except OSError:
        return None


def _is_animation(path: Path) -> bool:
    """Return whether a file of a format with animations has several pictures."""
    try:
        with path.open('rb') as file:
            # It is closed when nothing refers to it any more: an error still refers to parts.
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return examine(memoryview(data), path.name)[1].frames > 1
    except (OSError, ValueError, EncodingError):
        # Errors are reported when it is read.
        return False


def passed_over(paths: Sequence[Path]) -> str:
    """Return the names of the first five ignored files, and the number of the others."""
    names = [printable(path.name) for path in paths[:5]]
    rest = len(paths) - len(names)
    return ', '.join(names) + (f' and {rest} more' if rest else '')

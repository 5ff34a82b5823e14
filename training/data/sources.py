"""The sources of `collect`: folders, pictures, videos, and lists of them."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from fer_ros.core.errors import FerError
from fer_ros.core.imaging.decoding import decode_image
from fer_ros.core.redaction import redact_address
from fer_ros.core.sources import SourceConfig, create_source
from fer_ros.core.sources.file_kinds import FileKind, kind_of
from fer_ros.core.types import S_TO_NS, Frame
from training.data.labels import SPELLINGS, canonical_label
from training.data.manifest import UNSORTED
from training.data.picture_files import visible_files
from training.data.text_files import open_text
from training.errors import DataError

LIST_SUFFIXES = ('.csv', '.txt')


@dataclass(frozen=True)
class Origin:
    """The source of a picture, as in the manifest."""

    source: str
    label: str
    licence: str
    consent: str
    position: str = ''


@dataclass(frozen=True)
class Defaults:
    """The values for pictures without their own.

    Attributes:
        label: Label of all pictures; '' uses the name of the picture's folder if it is an
            expression.
        licence: Licence of the pictures.
        consent: Consent of the people shown.
        every: Seconds between two frames of a video.
    """

    label: str
    licence: str
    consent: str
    every: float


def pictures_of(source: str, defaults: Defaults) -> Iterator[tuple[Frame, Origin] | str]:
    """Iterate over the pictures of a source.

    Args:
        source: Path of a folder, a picture, a video, or a list of these in .csv or .txt.
        defaults: The values for pictures without their own.

    Yields:
        Each picture with its origin, or the reason why it is missing.

    Raises:
        DataError: The source does not exist, or its list cannot be read.
    """
    path = Path(source)
    if not os.path.exists(path):  # Path.exists() raises an error for a name that is too long.
        raise DataError(f'{source} is neither a file nor a folder: check the path')
    if path.is_file() and path.suffix.lower() in LIST_SUFFIXES:
        yield from _list(path, defaults)
    else:
        yield from _file_or_folder(path, defaults)


def _file_or_folder(path: Path, defaults: Defaults) -> Iterator[tuple[Frame, Origin] | str]:
    if not path.is_dir():
        yield from _file(path, defaults)
        return
    for file in visible_files(path):
        if kind_of(file) is FileKind.OTHER:
            yield f'{file} is neither a picture nor a video'
        else:
            yield from _file(file, defaults)


def _file(path: Path, defaults: Defaults) -> Iterator[tuple[Frame, Origin] | str]:
    moves = kind_of(path) in (FileKind.VIDEO, FileKind.ANIMATION)
    yield from (_video if moves else _picture)(path, defaults)


def _picture(path: Path, defaults: Defaults) -> Iterator[tuple[Frame, Origin] | str]:
    try:
        frame = Frame(decode_image(path.read_bytes(), str(path), rotate=True), 'bgr8', 0)
    except (OSError, FerError) as error:
        yield str(error)
        return
    yield frame, _origin(path, defaults)


def _video(path: Path, defaults: Defaults) -> Iterator[tuple[Frame, Origin] | str]:
    """Yield a frame of a video every so many seconds of its time."""
    origin = _origin(path, defaults)
    next_look = 0.0
    try:
        with create_source(str(path), SourceConfig(realtime=False, clock=lambda: 0)) as source:
            for frame in source:
                seconds = frame.stamp / S_TO_NS
                if seconds >= next_look:
                    next_look = seconds + defaults.every
                    yield frame, Origin(
                        origin.source, origin.label, origin.licence, origin.consent,
                        f'{seconds:.2f} s',
                    )  # fmt: skip
    except FerError as error:
        yield str(error)


def _list(path: Path, defaults: Defaults) -> Iterator[tuple[Frame, Origin] | str]:
    """Read each line's file or folder: path[,label[,licence[,consent]]]; # begins a comment.

    Paths are relative to the list's folder.
    """
    for row in _lines(path):
        values = [value.strip() for value in row]
        if not values or not values[0] or values[0].startswith('#'):
            continue
        name, label, licence, consent = [*values, '', '', ''][:4]
        if '://' in name:
            yield (
                f'{redact_address(name)}: addresses are not downloaded: download them with wget '
                '--input-file, and list the files'
            )
            continue
        listed = path.parent / name
        if not os.path.exists(listed):
            yield f'{listed}: the file or folder does not exist'
            continue
        try:
            folder = folder_name(canonical_label(label)) if label else defaults.label
        except DataError as error:
            yield str(error)
            continue
        yield from _file_or_folder(
            listed,
            replace(
                defaults, label=folder, licence=licence or defaults.licence,
                consent=consent or defaults.consent,
            ),
        )  # fmt: skip


def _lines(path: Path) -> list[list[str]]:
    try:
        with open_text(path) as file:
            return list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f'{path} cannot be read: {error}') from error


def folder_name(label: str) -> str:
    """Return a label as the name of its folder.

    Raises:
        DataError: The folder would be outside the data set. Lists can come from other people.
    """
    if not label or label.startswith('.') or '/' in label or not label.isprintable():
        raise DataError(f'the label {label!r} cannot be the name of a folder: use another label')
    return label


def _origin(path: Path, defaults: Defaults) -> Origin:
    folder = canonical_label(path.parent.name)
    label = defaults.label or (folder if folder in SPELLINGS else UNSORTED)
    return Origin(str(path), label, defaults.licence, defaults.consent)

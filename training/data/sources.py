"""Where `collect` takes pictures from: folders, pictures, videos, lists of addresses."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fer_ros.core.errors import FerError
from fer_ros.core.imaging.decoding import decode_image
from fer_ros.core.redaction import redact_address
from fer_ros.core.sources import SourceConfig, create_source
from fer_ros.core.sources.file_kinds import FileKind, kind_of
from fer_ros.core.types import Frame
from training.data.downloads import DownloadLimits, download
from training.data.labels import SPELLINGS, canonical_label
from training.data.pictures import visible_files
from training.data.text_files import open_text
from training.errors import DataError

UNSORTED = 'unsorted'
LIST_SUFFIXES = ('.csv', '.txt')


@dataclass(frozen=True)
class Origin:
    """Where a picture comes from, as the manifest says it."""

    source: str
    label: str
    licence: str
    consent: str
    position: str = ''


@dataclass(frozen=True)
class Defaults:
    """What holds for pictures that do not say it themselves, and how often videos are looked at.

    label: '' takes the name of a picture's folder where that is an expression. every: seconds.
    """

    label: str
    licence: str
    consent: str
    every: float
    limits: DownloadLimits


def pictures_of(source: str, defaults: Defaults) -> Iterator[tuple[Frame, Origin] | str]:
    """Give each picture of a source with its origin, or a line that says why there is none."""
    path = Path(source)
    if path.is_dir():
        for file in visible_files(path):
            if kind_of(file) is FileKind.OTHER:
                yield f'{file}: it is neither a picture nor a video'
            else:
                yield from _file(file, defaults)
    elif not path.is_file():
        raise DataError(f'{source} is neither a file nor a folder')
    elif path.suffix.lower() in LIST_SUFFIXES:
        yield from _list(path, defaults)
    else:
        yield from _file(path, defaults)


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
    """Look at a video every so many seconds of its own time."""
    origin = _origin(path, defaults)
    next_look = 0.0
    try:
        with create_source(str(path), SourceConfig(realtime=False, clock=lambda: 0)) as source:
            for frame in source:
                seconds = frame.stamp / 1e9
                if seconds >= next_look:
                    next_look = seconds + defaults.every
                    yield frame, Origin(
                        origin.source, origin.label, origin.licence, origin.consent,
                        f'{seconds:.2f} s',
                    )  # fmt: skip
    except FerError as error:
        yield str(error)


def _list(path: Path, defaults: Defaults) -> Iterator[tuple[Frame, Origin] | str]:
    """Fetch each line's address: url[,label[,licence[,consent]]]; # begins a comment."""
    for row in _lines(path):
        values = [value.strip() for value in row]
        if not values or not values[0] or values[0].startswith('#'):
            continue
        url, label, licence, consent = [*values, '', '', ''][:4]
        try:
            folder = folder_name(canonical_label(label)) if label else defaults.label or UNSORTED
            image = decode_image(download(url, defaults.limits), url, rotate=True)
        except FerError as error:
            yield str(error)
            continue
        yield (
            Frame(image, 'bgr8', 0),
            Origin(
                redact_address(url),
                folder,
                licence or defaults.licence,
                consent or defaults.consent,
            ),
        )


def _lines(path: Path) -> list[list[str]]:
    try:
        with open_text(path) as file:
            return list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f'{path} cannot be read: {error}') from error


def folder_name(label: str) -> str:
    """Return a label as it is; DataError where its folder would lie outside of the data set.

    Lists of addresses come from other people, too.
    """
    if not label or label.startswith('.') or '/' in label or not label.isprintable():
        raise DataError(f'the label {label!r} cannot be the name of a folder')
    return label


def _origin(path: Path, defaults: Defaults) -> Origin:
    folder = canonical_label(path.parent.name)
    label = defaults.label or (folder if folder in SPELLINGS else UNSORTED)
    return Origin(str(path), label, defaults.licence, defaults.consent)

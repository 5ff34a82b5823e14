"""Search for inputs to annotate: pictures, videos and bags."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fer_ros.core.errors import SourceError
from fer_ros.core.folders import walk
from fer_ros.core.sources.file_kinds import FileKind, kind_of
from fer_ros.offline.inputs.bags import (
    BAG_SUFFIXES,
    FACE_EMOTIONS,
    Topic,
    choose_topics,
    is_bag_folder,
    list_topics,
)


@dataclass(frozen=True, slots=True)
class Input:
    """One sequence: a picture, a video, or a topic of a bag.

    Attributes:
        name: Its relative path in the results, with '/' as separator.
        path: Absolute.
        kind: 'picture', 'video' or 'bag'.
        topic: Topic of a bag.
        size: Bytes.
        modified: Nanoseconds since 1970; for a bag, of its newest file.
    """

    name: str
    path: Path
    kind: str
    size: int
    modified: int
    topic: Topic | None = None

    @property
    def recorded(self) -> bool:
        """Return whether it contains recorded results and no images."""
        return self.topic is not None and self.topic.type == FACE_EMOTIONS

    @property
    def fingerprint(self) -> dict[str, int]:
        """Return values that change when the file changes."""
        return {'size': self.size, 'modified': self.modified}


@dataclass(slots=True)
class Found:
    """All inputs in a stable order, and the unusable paths with the reason.

    Attributes:
        passed_over: Files in folders that are not a supported picture, video or bag.
    """

    inputs: list[Input] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    passed_over: list[Path] = field(default_factory=list)


def find_inputs(arguments: Sequence[Path], topics: Sequence[str], output: Path) -> Found:
    """Search files and, recursively, folders.

    Inputs have the names of their paths below the common folder of all arguments. Hidden files and
    the output folder are skipped. A linked folder is searched, unless it is searched anyway or
    contains the folder of the argument. A folder that cannot be listed is refused.

    Args:
        topics: Topics of bags to annotate; empty selects the only topic.
    """
    paths = list(dict.fromkeys(Path(os.path.abspath(argument)) for argument in arguments))
    base = Path(os.path.commonpath([path.parent for path in paths]))
    output = Path(os.path.abspath(output))
    found = Found()
    taken: set[Path] = set()
    others: set[Path] = set()
    for path in paths:
        files = {
            file: '' if file != path and _is_special(file) else _kind(file)
            for file in _files(path, output, found)
        }
        if os.path.isdir(path) and not any(files.values()):
            found.refused.setdefault(
                str(path), 'this folder contains no picture, video or bag: check the path'
            )
        for file, kind in files.items():
            if file == path or kind:
                if file not in taken:
                    taken.add(file)
                    # A named file is always tried. If it cannot be read, that is reported.
                    _take(file, kind or _named_kind(file), base, topics, found)
            else:
                others.add(file)
    if topics and not any(one.topic for one in found.inputs) and not found.refused:
        found.refused[f'--topic {", ".join(topics)}'] = (
            'none of the inputs is a bag: remove --topic or add a bag'
        )
    found.passed_over = sorted(others - taken)
    return found


def _files(path: Path, output: Path, found: Found) -> Iterator[Path]:
    """Yield a path, or the content of a folder. A bag counts as a file."""
    if not os.path.isdir(path) or is_bag_folder(path):
        yield path
        return

    def refuse(error: OSError) -> None:
        found.refused[str(error.filename)] = (
            f'this folder cannot be listed ({error.strerror}): check its permissions'
        )

    for _, folders, files in walk(path, refuse, [output]):
        bags = [one for one in folders if is_bag_folder(one)]
        folders[:] = [one for one in folders if one not in bags]
        yield from sorted([*bags, *files])


def _take(path: Path, kind: str, base: Path, topics: Sequence[str], found: Found) -> None:
    """Add a file or each selected topic of a bag, or the reason why it cannot be used."""
    name = path.relative_to(base).as_posix()
    try:
        size, modified = _state(path)
        if kind != 'bag':
            found.inputs.append(Input(name, path, kind, size, modified))
            return
        if not size:
            raise SourceError(f'{path} is empty (0 bytes): copy or record it again')
        for topic in choose_topics(list_topics(path), topics):
            # A topic contains no dot, so the names are different.
            place = topic.name.strip('/').replace('/', '.')
            found.inputs.append(Input(f'{name}/{place}', path, kind, size, modified, topic))
    except OSError as error:
        found.refused[str(path)] = (
            f'the file cannot be read ({error.strerror or error}): check the path and its '
            'permissions'
        )
    except SourceError as error:
        found.refused[str(path)] = str(error)


def _kind(path: Path) -> str:
    """Return the kind of an input, or '' if it is skipped in a folder."""
    if path.suffix.lower() in BAG_SUFFIXES or is_bag_folder(path):
        return 'bag'
    kind = kind_of(path)
    if kind is FileKind.PICTURE:
        return 'picture'
    # An animation is a video, because its frames are a sequence.
    return 'video' if kind in (FileKind.VIDEO, FileKind.ANIMATION) else ''


def _is_special(path: Path) -> bool:
    """Return whether a path is a pipe, socket or device. A pipe can block forever."""
    return os.path.exists(path) and not os.path.isfile(path) and not is_bag_folder(path)


def _named_kind(path: Path) -> str:
    return 'picture' if kind_of(path) is FileKind.UNREADABLE else 'video'


def _state(path: Path) -> tuple[int, int]:
    """Return size and time of the last change. Raises OSError."""
    files = list(path.iterdir()) if os.path.isdir(path) else [path]
    states = [file.stat() for file in files]
    return sum(state.st_size for state in states), max(state.st_mtime_ns for state in states)

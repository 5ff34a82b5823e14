"""A picture, or a folder of pictures, as a frame source."""

from __future__ import annotations

import logging
import os
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.counting import count_text
from fer_ros.core.errors import EncodingError, SourceError, printable
from fer_ros.core.imaging.decoding import decode_image
from fer_ros.core.imaging.formats import PICTURE_SUFFIXES
from fer_ros.core.sources.base import FrameSource, SourceConfig, read_source_file, shrink_to_fit
from fer_ros.core.sources.file_kinds import FileKind, kind_of, passed_over
from fer_ros.core.sources.timeline import Timeline
from fer_ros.core.types import Frame

#: Default rate of pictures, Hz. It is sufficient for late subscribers and for the smoothing.
DEFAULT_FPS = 5.0
#: Repetitions of each picture of a folder in real time: two seconds, in which labels settle and
#: events are published.
REPEATS = 10

logger = logging.getLogger(__name__)


def read_picture(path: Path) -> NDArray[np.uint8]:
    """Return the picture upright as bgr8, (H, W, 3).

    Raises:
        SourceError: The file cannot be read or decoded.
    """
    try:
        return decode_image(read_source_file(path), str(path), rotate=True)
    except EncodingError as error:
        raise SourceError(str(error)) from error


class PictureSource(FrameSource):
    """One picture. With config.loop, it is repeated at config.fps (default 5 Hz).

    The repetition also reaches late subscribers.
    """

    def __init__(self, path: str | Path, config: SourceConfig) -> None:
        self._path = Path(path)
        self._config = config
        self._timeline = Timeline(config)
        self._image: NDArray[np.uint8] | None = None
        self.fps = config.fps or DEFAULT_FPS
        self.description = f'picture {printable(self._path.name)}'

    def open(self) -> None:
        """Decode the picture."""
        image = read_picture(self._path)
        image = shrink_to_fit(image, self._config.width, self._config.height)
        image.setflags(write=False)
        self._image = image
        self.length = 0 if self._config.loop else 1
        height, width = image.shape[:2]
        rate = f'repeated at {self.fps:g} Hz' if self._config.loop else 'once'
        self.description = f'picture {printable(self._path.name)}, {width}x{height}, {rate}'
        self._timeline.restart()

    def read(self) -> Frame | None:
        """Return the picture when it is due. None after the first time, unless it loops."""
        image = self._image
        if image is None or (self._timeline.number and not self._config.loop):
            return None
        return self._timeline.next_frame(image, self.fps)

    def close(self) -> None:
        """Forget the picture."""
        self._timeline.interrupt()
        self._image = None


class FolderSource(FrameSource):
    """The pictures of a folder in natural order (2 before 10).

    In real time, each is repeated for two seconds. With config.fps, or not in real time, each is
    delivered once, at that rate (default 5 Hz). Each has its own frame_id, which ends with its
    number, so that its faces are not those of the previous picture.

    A picture that cannot be decoded is omitted, counted in `dropped` and logged. Pictures keep
    their sizes.
    """

    def __init__(self, path: str | Path, config: SourceConfig) -> None:
        self._path = Path(path)
        self._config = config
        self._timeline = Timeline(config)
        self._files: list[Path] = []
        self._index = 0
        self._image: NDArray[np.uint8] | None = None
        self._repeats = REPEATS if config.realtime and not config.fps else 1
        self._shown = 0
        self._last_error: SourceError | None = None
        self.fps = config.fps or DEFAULT_FPS
        self.description = f'folder {printable(str(self._path))}'

    def open(self) -> None:
        """List the folder and decode its first picture.

        Raises:
            SourceError: There is no picture.
        """
        self.close()
        self._files = _list_pictures(self._path)
        self._index = self._shown = self.dropped = 0
        self.warning = ''
        count = len(self._files)
        self._image = self._next_image()
        if self._image is None:
            raise SourceError(
                f'none of the {count} pictures in {self._path} can be read; the reason for the '
                f'last one: {self._last_error}'
            )
        each = f'for {self._repeats / self.fps:g} s each' if self._repeats > 1 else 'once each'
        self.description = (
            f'folder {printable(str(self._path))}, {count_text(count, "picture")} at '
            f'{self.fps:g} Hz, {each}'
        )
        self._timeline.restart()

    def read(self) -> Frame | None:
        """Return the next picture, or the same again, when it is due. None at the end."""
        if self._shown == self._repeats:
            self._image, self._shown = self._next_image(), 0
        image = self._image
        if image is None:
            return None
        self._shown += 1
        frame = self._timeline.next_frame(image, self.fps)
        # After _next_image(), the index is the number of the picture.
        number = f'{self._config.frame_id}/{self._index}'
        return None if frame is None else replace(frame, frame_id=number)

    def close(self) -> None:
        """Forget the list of pictures."""
        self._timeline.interrupt()
        self._files = []
        self._image = None

    def _next_image(self) -> NDArray[np.uint8] | None:
        files = self._files
        while files:
            if self._index == len(files):
                if not self._config.loop:
                    return None
                self._index = 0
            try:
                image = read_picture(files[self._index])
            except SourceError as error:
                self._leave_out(files, error)
            else:
                self._index += 1
                image = shrink_to_fit(image, self._config.width, self._config.height)
                image.setflags(write=False)
                return image
        return None

    def _leave_out(self, files: list[Path], error: SourceError) -> None:
        del files[self._index]
        self.dropped += 1
        self._last_error = error
        self.warning = (
            f'{self.dropped} pictures were skipped; the reason for the last one: {error}'
        )
        logger.warning('skipped a picture: %s', error)


def _list_pictures(folder: Path) -> list[Path]:
    if not os.path.isdir(folder):
        raise SourceError(
            f'there is no folder {folder} (current folder: {Path.cwd()}): check the path'
        )
    try:
        entries = [entry for entry in folder.iterdir() if not entry.name.startswith('.')]
    except OSError as error:
        raise SourceError(
            f'the folder {folder} cannot be listed ({error.strerror}): check its permissions'
        ) from error
    files = [entry for entry in entries if kind_of(entry) is FileKind.PICTURE]
    others = sorted(set(entries) - set(files))
    if others:
        logger.warning('skipped in %s: %s', folder, passed_over(others))
    if not files:
        raise SourceError(
            f'the folder {folder} contains no pictures: add some with names such as '
            f'{", ".join("*" + suffix for suffix in sorted(PICTURE_SUFFIXES))}'
            + (f'; it contains {passed_over(others)}' if others else '')
        )
    return sorted(files, key=_natural_order)


def _natural_order(path: Path) -> tuple[list[tuple[int, str]], str]:
    """Sort key: runs of digits count as numbers."""
    parts = re.findall(r'\d+|\D+', path.name.casefold())
    return [(int(part), '') if part.isdecimal() else (-1, part) for part in parts], path.name

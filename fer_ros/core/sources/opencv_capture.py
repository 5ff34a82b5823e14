"""Videos and streams with OpenCV's FFmpeg, if PyAV is not installed.

OpenCV does not report which frames are interlaced. Up to 4.12 it delivers both fields in one
picture. Later versions (FFmpeg 8) do not convert such a frame, but deliver the memory where it
should be: noise, or the picture of another file. _is_written() therefore checks the first frame of
a recording, and the picture of a live stream must change.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.errors import SourceError
from fer_ros.core.sources.capture import Capture, no_video, squared

#: The first OpenCV whose FFmpeg does not deinterlace.
_DOES_NOT_CONVERT = (4, 13)

#: Containers with a number of frames. For others, OpenCV multiplies a duration by a rate.
_COUNTING = frozenset(('.avi', '.m4v', '.mov', '.mp4'))

#: Smallest share of missing frames of a truncated file. Headers are not exact.
_PART_SHORT, _FRAMES_SHORT = 0.05, 2

#: Patterns of the memory before a frame is decoded into it, and its size in frames.
_FILLINGS, _BLOCKS = (0x55, 0xAA), 12

#: Number of equal pictures after which a stream is refused.
_MOST_EQUAL = 50

_INTERLACED = (
    f'its frames are interlaced, which OpenCV {cv2.__version__} cannot convert: run pip install av'
)


class OpencvCapture(Capture):
    """The first video of a file or stream."""

    def __init__(self, capture: cv2.VideoCapture, length: int, changes: bool) -> None:
        self._capture = capture
        self._count = 0
        fps = float(capture.get(cv2.CAP_PROP_FPS))
        self.fps = fps if 0 < fps <= 1000 else 0.0
        self.length = length
        self.recording = capture.get(cv2.CAP_PROP_FRAME_COUNT) > 0
        self._must_change = changes
        self._before: NDArray[np.uint8] | None = None

    @classmethod
    def of_file(cls, path: Path) -> OpencvCapture:
        """Open a file.

        Raises:
            SourceError: It cannot be opened.
        """
        with ExitStack() as stack:
            name = str(path)
            if not name.isascii() and sys.platform == 'linux':
                # OpenCV accepts only UTF-8, and some builds only ASCII.
                file = stack.enter_context(path.open('rb'))
                name = f'/proc/self/fd/{file.fileno()}'
            capture = cv2.VideoCapture(name, cv2.CAP_FFMPEG)
            if not capture.isOpened():
                raise no_video('OpenCV does not recognise it')
            if not _converts() and not _is_written(name):
                capture.release()
                raise SourceError(_INTERLACED)
        count = capture.get(cv2.CAP_PROP_FRAME_COUNT)
        counted = path.suffix.lower() in _COUNTING and 0 < count < 1e9
        return cls(capture, int(count) if counted else 0, False)

    @classmethod
    def of_url(cls, url: str, open_timeout: float, read_timeout: float) -> OpencvCapture:
        """Connect.

        Raises:
            SourceError: It cannot be opened.
        """
        timeouts = [
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, round(open_timeout * 1000),
            cv2.CAP_PROP_READ_TIMEOUT_MSEC, round(read_timeout * 1000),
        ]  # fmt: skip
        capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG, timeouts)
        if not capture.isOpened():
            raise SourceError('OpenCV cannot connect')
        recording = capture.get(cv2.CAP_PROP_FRAME_COUNT) > 0
        if recording and not _converts() and not _is_written(url):
            capture.release()
            raise SourceError(_INTERLACED)
        return cls(capture, 0, not recording and not _converts())

    def grab(self) -> bool:
        """Decode the next frame."""
        if not self._capture.grab():
            return False
        position = float(self._capture.get(cv2.CAP_PROP_POS_MSEC)) / 1000
        self.time = position if position >= 0 else None
        self._count += 1
        return True

    def retrieve(self) -> tuple[bool, NDArray[np.uint8]]:
        """Return the frame."""
        intact, picture = self._capture.retrieve()
        if not intact:
            self.broken += 1
            return False, np.empty((0, 0, 3), np.uint8)
        image = np.asarray(picture, np.uint8)
        if self._must_change and not self._changes(image):
            return False, image
        return True, squared(image, self._aspect())

    def release(self) -> None:
        """Close the file or connection."""
        self._capture.release()

    def missing(self) -> int:
        """Return the number of missing frames, by the announced number and the time of the last
        one."""
        missing = self.length - self._count
        if missing <= max(_FRAMES_SHORT, self.length * _PART_SHORT) or not self.fps:
            return 0
        short = self.length / self.fps - (self.time or 0.0)
        return missing if short > (_FRAMES_SHORT + 1) / self.fps else 0

    def _aspect(self) -> float:
        """Return the aspect ratio of a pixel. Rotated pictures have rotated pixels."""
        over, under = (
            self._capture.get(prop) for prop in (cv2.CAP_PROP_SAR_NUM, cv2.CAP_PROP_SAR_DEN)
        )
        if over <= 0 or under <= 0:
            return 1.0
        turned = self._capture.get(cv2.CAP_PROP_ORIENTATION_META) % 180 == 90
        return float(under / over if turned else over / under)

    def _changes(self, image: NDArray[np.uint8]) -> bool:
        """Return whether the picture of a stream has changed, which shows that OpenCV writes it.

        Raises:
            SourceError: It never does.
        """
        if self._before is None:
            self._before = image
            return False
        if np.array_equal(self._before, image):
            if self._count > _MOST_EQUAL:
                raise SourceError(
                    f'its picture never changes, because it is a still or {_INTERLACED}'
                )
            return False
        self._must_change, self._before = False, None
        return True


def _converts() -> bool:
    """Return whether this OpenCV deinterlaces."""
    return tuple(int(part) for part in cv2.__version__.split('.')[:2]) < _DOES_NOT_CONVERT


def _is_written(name: str) -> bool:
    """Return whether OpenCV writes the first picture of a file, or returns unwritten memory.

    The same frame is decoded into memory with one pattern, then with another. A written picture is
    the same both times, and is not the pattern.
    """
    pictures: list[NDArray[np.uint8]] = []
    with ExitStack() as stack:
        for filling in _FILLINGS:
            probe = cv2.VideoCapture(name, cv2.CAP_FFMPEG)
            stack.callback(probe.release)
            if not probe.grab():
                return True  # no picture, which the reader reports
            width, height = (
                int(probe.get(prop))
                for prop in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
            )
            _fill_memory((width + 64) * (height + 64) * 3, filling)
            intact, picture = probe.retrieve()
            if not intact:
                return True
            pictures.append(np.asarray(picture, np.uint8))
    first, second = pictures
    return np.array_equal(first, second)


def _fill_memory(size: int, filling: int) -> None:
    """Free blocks filled with a pattern, for the next allocation of about this size."""
    blocks = [np.full(size, filling, np.uint8) for _ in range(_BLOCKS)]
    del blocks

"""The interface and the configuration of all frame sources."""

from __future__ import annotations

import os
import stat
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.errors import SourceError, reason_of
from fer_ros.core.imaging.files import read_picture_file
from fer_ros.core.options import check_options, documented, option
from fer_ros.core.types import Frame

#: Size in pixels and rate in Hz of sources that create their frames. The pipeline was measured at
#: this size.
DEFAULT_SIZE, DEFAULT_FPS = (640, 480), 30.0


@documented
@dataclass(frozen=True, slots=True)
class SourceConfig:
    """How a source delivers its frames.

    width and height are requested from a camera, the synthetic source and the demo. Larger frames
    of recordings, pictures and streams are shrunk to fit, with their aspect ratio kept. Smaller
    ones are not enlarged. Recordings and pictures are replayed at fps. Cameras and streams always
    have their own rate.

    In real time, each frame gets the stamp of `clock` when it is delivered. Otherwise, stamps
    begin with `clock` and advance with the time of the media, so that everything that uses the
    time of stamps behaves the same. `clock` returns nanoseconds.

    Raises:
        ValueError: A value is out of range, or only one of width and height is 0.
    """

    width: int = option(
        0,
        'Requested width in pixels, together with height. 0 keeps the width of the source.',
        minimum=0,
        maximum=16384,
    )
    height: int = option(
        0,
        'Requested height in pixels, together with width. 0 keeps the height of the source.',
        minimum=0,
        maximum=16384,
    )
    fps: float = option(
        0.0,
        'Frames per second. A camera may deliver another rate than the requested one. Videos, '
        'pictures, the demo and the synthetic source are played at this rate. Streams ignore it. '
        '0 means the rate of the source, and two seconds for each picture in a folder.',
        minimum=0.0,
        maximum=1000.0,
    )
    loop: bool = option(False, 'Restart a file, a folder or the demo at its end.')
    realtime: bool = option(
        True,
        'Play files at their own rate. If false, frames are delivered as fast as they can be '
        'read, and stamps advance with the time in the file.',
    )
    frame_id: str = option(
        'camera_optical_frame',
        "The camera's optical frame (REP-103). For pictures in a folder, the number of the "
        'picture is appended, as in camera_optical_frame/3. When the frame_id changes, all faces '
        'get new ids.',
    )
    clock: Callable[[], int] = time.time_ns
    pixel_format: str = option(
        '',
        'Requested pixel format of a camera, four characters such as MJPG. Empty keeps the '
        'default.',
    )
    open_timeout: float = option(
        10.0,
        'Seconds within which a camera or stream must deliver its first frame.',
        minimum=0.1,
        maximum=600.0,
    )
    read_timeout: float = option(
        5.0,
        'Seconds without a frame after which a camera or stream counts as lost.',
        minimum=0.1,
        maximum=600.0,
    )
    reconnect_delay: float = option(
        0.5,
        'Seconds until a lost camera or stream is opened again. The time doubles after each '
        'failure, up to 1.5 s.',
        minimum=0.05,
        maximum=1.5,
    )

    def __post_init__(self) -> None:
        check_options(self)
        if bool(self.width) != bool(self.height):
            raise ValueError(
                f'width and height are {self.width} and {self.height}: set both, or 0 and 0 for '
                'the size of the source'
            )
        if self.pixel_format and (len(self.pixel_format) != 4 or not self.pixel_format.isascii()):
            raise ValueError(
                f'pixel_format is {self.pixel_format!r}: it must be four characters such as '
                "'MJPG' or 'YUYV', or empty"
            )


class FrameSource(ABC):
    """A source of frames. Open it, read until None, close it. A `with` block opens and closes.

    The source never writes to the array of a frame again, so you can keep it. A repeated picture
    is the same read-only array each time.

    Attributes:
        live: Whether frames arrive in real time (camera, stream). Then the newest is delivered,
            and after an error the source may be closed and opened again. Otherwise, every frame is
            delivered in order.
        description: Description for logs, such as 'video clip.mp4, 400x300 at 25 Hz'. It is
            complete after open().
        fps: Nominal rate, Hz. 0 if it is unknown. Valid after open().
        length: Number of frames of a file. 0 if it is unknown. Valid after open().
        dropped: Number of frames since open() that were not delivered because a newer one came
            first (live), or because they are broken.
        warning: What is wrong while frames still arrive, or why they ended early. Otherwise
            empty.
    """

    live: bool = False
    description: str = ''
    fps: float = 0.0
    length: int = 0
    dropped: int = 0
    warning: str = ''

    @abstractmethod
    def open(self) -> None:
        """Open the source.

        Raises:
            SourceError: It cannot be opened.
        """

    @abstractmethod
    def read(self) -> Frame | None:
        """Wait for the next frame and return it. None if the source has ended or is closed.

        Raises:
            SourceError: A live source fails, or a looped file cannot be opened again.
        """

    @abstractmethod
    def close(self) -> None:
        """Release everything within 2 s. You can call it twice, and while another thread reads."""

    def __enter__(self) -> FrameSource:
        self.open()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Frame]:
        while (frame := self.read()) is not None:
            yield frame


def check_file(path: Path, kinds: str = '') -> None:
    """Raise SourceError if `path` is not a readable file, or is empty.

    Args:
        kinds: Other kinds of sources that a path without a suffix may have meant.
    """
    try:
        state = path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        hint = f'; {kinds}' if kinds and not path.suffix else ''
        raise SourceError(
            f'there is no file {path} (current folder: {Path.cwd()}): check the path{hint}'
        ) from error
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error
    if stat.S_ISDIR(state.st_mode):
        raise SourceError(f'{path} is a folder: name a file in it')
    if not stat.S_ISREG(state.st_mode):
        raise SourceError(f'{path} is not a file: {kinds or "name a file"}')
    if not os.access(path, os.R_OK):
        raise SourceError(
            f'{path} is not readable: change its permissions, for example with chmod a+r'
        )
    if state.st_size == 0:
        raise SourceError(f'{path} is empty (0 bytes): copy or record it again')


def read_source_file(path: Path) -> bytes:
    """Return what read_picture_file() returns, also for a pipe or a device.

    Raises:
        SourceError: The file cannot be read.
        OversizedError: It is too large.
    """
    try:
        # A pipe has no size.
        if not (path.is_fifo() or path.is_char_device()):
            check_file(path)
        return read_picture_file(path)
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: Exception) -> SourceError:
    """Return the error for a file that cannot be read."""
    return SourceError(
        f'{path} cannot be read ({reason_of(error)}): check the path and its permissions'
    )


def shrink_to_fit(image: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Shrink an image to fit into width x height, with its aspect ratio. 0 x 0 has no limit."""
    scale = min(width / image.shape[1], height / image.shape[0]) if width and height else 1.0
    if scale >= 1.0:
        return image
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)

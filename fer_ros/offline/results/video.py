"""Annotated videos in MP4, without sound. Each frame keeps its time from the source.

PyAV writes H.264, or VP9 if its FFmpeg has no encoder for H.264. Every browser plays both. If PyAV
is not installed, OpenCV writes MPEG-4 part 2 at a constant rate.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import ExitStack, suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.errors import OutputError, SourceError, printable
from fer_ros.core.sources.capture import has_pyav, open_file

#: Encoders in the order of preference, with settings without visible loss. Without B-frames a file
#: holds its frames in the order they are shown in. `ultrafast` takes less than half the time of
#: `veryfast` at no more error; the file is twice as large.
_ENCODERS: dict[str, dict[str, str]] = {
    'libx264': {'preset': 'ultrafast', 'crf': '20', 'bf': '0'},
    'libopenh264': {'allow_skip_frames': '0'},
    'libvpx-vp9': {'deadline': 'realtime', 'cpu-used': '7', 'crf': '30', 'b': '0'},
    'mpeg4': {'qscale': '3', 'flags': '+qscale'},
}
_IN_BROWSERS = ('libx264', 'libopenh264', 'libvpx-vp9')

#: Ticks per second, as in MPEG. All common rates divide it.
_TIME_BASE = Fraction(1, 90_000)

#: The matrix that FFmpeg converts colours with (ITU-T H.273, matrix 6). Players assume others.
_BT601 = 6

#: Shortest duration of a frame in seconds, for any rate that a source claims.
_SHORTEST = 0.001

#: Rates that encoders accept.
_RATES = (1, 60)

#: The codec that OpenCV's builds and those of distributions can write.
_OPENCV_CODEC = cv2.VideoWriter.fourcc(*'mp4v')


class VideoFile:
    """Writes bgr8 frames.

    Args:
        fps: Approximate frames per second.

    Attributes:
        warning: Differences between the video and its source.

    Raises:
        OutputError: It cannot be written.
    """

    def __init__(self, path: Path, fps: float) -> None:
        self.path = path
        self._fps = fps
        self._period = max(1 / fps, _SHORTEST)
        self._writer: _Writer | None = None
        self._size = (0, 0)
        self._last = 0.0
        self._count = 0
        self.warning = ''

    def write(self, image: NDArray[np.uint8], time: float) -> None:
        """Add a frame, (H, W, 3).

        Args:
            time: In seconds, later than that of the previous frame.
        """
        image = _even(image)
        size = (image.shape[1], image.shape[0])
        if self._writer is None:
            self._size = size
            self._writer = _new_writer(self.path, self._fps, size)
        elif time < self._last + _TIME_BASE:
            # If the clock of a source was set back, frames continue at their rate.
            time = self._last + self._period
        if size != self._size:
            image = np.asarray(cv2.resize(image, self._size), np.uint8)
            self.warning = (
                'frames with another size than the first are scaled to that size in the video'
            )
        self._last = time
        self._count += 1
        self._writer.write(image, time)

    def close(self) -> None:
        """Finish the file. The last frame is shown for one period of the rate."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close(self._last + self._period)
            self._check_whole()

    def _check_whole(self) -> None:
        """Raise OutputError if the file lacks frames, because libraries do not report that."""
        try:
            capture = open_file(self.path)
        except SourceError as error:
            raise _not_whole(self.path, error) from error
        frames = capture.length
        capture.release()
        if frames != self._count:
            raise _not_whole(self.path, f'it contains {frames} of {self._count} frames')

    def abandon(self) -> None:
        """Close the file, complete or not."""
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.abandon()


def shortcoming() -> str:
    """Return why browsers do not play annotated videos of this installation, or ''."""
    if not has_pyav():
        return (
            'annotated videos are MPEG-4 part 2 at a constant rate, which browsers do not play: '
            'run pip install av'
        )
    if _encoder() not in _IN_BROWSERS:
        return (
            'annotated videos are MPEG-4 part 2, which browsers do not play: this FFmpeg has '
            'no encoder for H.264 or VP9'
        )
    return ''


class _Writer(ABC):
    """A file that one library writes."""

    @abstractmethod
    def write(self, image: NDArray[np.uint8], time: float) -> None:
        """Add a frame."""

    @abstractmethod
    def close(self, end: float) -> None:
        """Finish the file.

        Args:
            end: Time in seconds until which the last frame is shown.
        """

    @abstractmethod
    def abandon(self) -> None:
        """Close the file without finishing it."""


def _new_writer(path: Path, fps: float, size: tuple[int, int]) -> _Writer:
    return (_PyavWriter if has_pyav() else _OpencvWriter)(path, fps, size)


class _PyavWriter(_Writer):
    """Writes with PyAV. The index is at the start, so that players start immediately."""

    def __init__(self, path: Path, fps: float, size: tuple[int, int]) -> None:
        import av

        self._path = path
        with ExitStack() as stack:
            try:
                self._container = av.open(
                    str(path), 'w', format='mp4', options={'movflags': 'faststart'}
                )
                stack.callback(self.abandon)
                self._stream = self._new_stream(fps, size)
            except (av.error.FFmpegError, ValueError) as error:
                raise _not_whole(path, error) from error
            stack.pop_all()
        self._waiting: Any = None

    def _new_stream(self, fps: float, size: tuple[int, int]) -> Any:
        name = _encoder()
        # The rate is a hint for the encoder. Players use the time of each frame.
        rate = round(min(max(fps, _RATES[0]), _RATES[1]))
        stream: Any = self._container.add_stream(name, rate=rate, options=_ENCODERS[name])
        stream.width, stream.height = size
        stream.pix_fmt = 'yuv420p'
        stream.codec_context.time_base = stream.time_base = _TIME_BASE
        # One thread, so that the same frames give the same file on every machine.
        stream.codec_context.thread_count = 1
        stream.codec_context.colorspace = _BT601
        return stream

    def write(self, image: NDArray[np.uint8], time: float) -> None:
        import av

        # Without a copy: the encoder converts the pixels before it returns.
        frame = av.VideoFrame.from_numpy_buffer(np.ascontiguousarray(image), format='bgr24')
        frame.pts, frame.time_base = round(time / _TIME_BASE), _TIME_BASE
        try:
            self._mux(self._stream.encode(frame))
        except av.error.FFmpegError as error:
            raise _not_whole(self._path, error) from error

    def close(self, end: float) -> None:
        import av

        try:
            self._mux(self._stream.encode(None))
            if self._waiting is not None:
                self._waiting.duration = round(end / _TIME_BASE) - self._waiting.pts
                self._container.mux(self._waiting)
            self._container.close()
        except av.error.FFmpegError as error:
            raise _not_whole(self._path, error) from error

    def abandon(self) -> None:
        import av

        with suppress(av.error.FFmpegError):
            self._container.close()

    def _mux(self, packets: list[Any]) -> None:
        """Write all packets except the newest.

        It can be the last one, whose duration is set at the end.
        """
        for packet in packets:
            if self._waiting is not None:
                self._waiting.duration = packet.pts - self._waiting.pts
                self._container.mux(self._waiting)
            self._waiting = packet


class _OpencvWriter(_Writer):
    """Writes with OpenCV, at a constant rate."""

    def __init__(self, path: Path, fps: float, size: tuple[int, int]) -> None:
        rate = float(round(min(max(fps, _RATES[0]), _RATES[1])))
        self._writer = cv2.VideoWriter(str(path), _OPENCV_CODEC, rate, size)
        if not self._writer.isOpened():
            raise OutputError(
                f'OpenCV {cv2.__version__} cannot write a video of {size[0]}x{size[1]} pixels '
                'as MPEG-4: run pip install av, or add --no-pictures'
            )

    def write(self, image: NDArray[np.uint8], time: float) -> None:
        self._writer.write(image)

    def close(self, end: float) -> None:
        self._writer.release()

    def abandon(self) -> None:
        self._writer.release()


def _encoder() -> str:
    """Return the best encoder of the installed PyAV."""
    import av

    return next(name for name in _ENCODERS if name in av.codecs_available)


def _even(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return an image with even sides, as videos need. The last row or column is repeated."""
    bottom, right = image.shape[0] % 2, image.shape[1] % 2
    if not bottom + right:
        return image
    return np.asarray(
        cv2.copyMakeBorder(image, 0, bottom, 0, right, cv2.BORDER_REPLICATE), np.uint8
    )


def _not_whole(path: Path, error: Exception | str) -> OutputError:
    reason = getattr(error, 'strerror', None) or error
    return OutputError(
        f'the video {printable(path.name)} was not written completely ({reason}), perhaps '
        'because the disk is full: free some space, then run the same command again to continue'
    )

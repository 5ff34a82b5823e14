"""A video file as a frame source."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.errors import SourceError, printable
from fer_ros.core.memory import release_free_memory
from fer_ros.core.source_spec import SOURCE_KINDS
from fer_ros.core.sources.base import FrameSource, SourceConfig, check_file, shrink_to_fit
from fer_ros.core.sources.capture import no_video, open_file
from fer_ros.core.sources.timeline import Timeline
from fer_ros.core.types import Frame

#: Suffixes of videos.
VIDEO_SUFFIXES = frozenset(
    (
        '.3gp',
        '.avi',
        '.dv',
        '.flv',
        '.m2ts',
        '.m4v',
        '.mkv',
        '.mov',
        '.mp4',
        '.mpeg',
        '.mpg',
        '.mts',
        '.mxf',
        '.ogv',
        '.ts',
        '.vob',
        '.webm',
        '.wmv',
    )
)
#: Rate for a file without a credible one, such as a recording of a browser, Hz.
FALLBACK_FPS = 30.0
MAX_CREDIBLE_FPS = 480.0

logger = logging.getLogger(__name__)


class VideoSource(FrameSource):
    """Frames of a video file in order, bgr8, at the file's own time stamps or at config.fps.

    They are progressive, upright and have square pixels. A file that ends before the length it
    announces delivers what can be decoded; `warning` and an error in the log then say how many
    frames that was.
    """

    def __init__(self, path: str | Path, config: SourceConfig) -> None:
        self._path = Path(path)
        self._name = printable(self._path.name)
        self._config = config
        self._timeline = Timeline(config)
        self._lock = threading.Lock()
        self._pass: _Pass | None = None
        self._pass_start = 0.0
        self.description = f'video {self._name}'

    def open(self) -> None:
        """Open the file and decode its first frame.

        Raises:
            SourceError: There is no frame.
        """
        self.close()
        check_file(self._path, f'a source is {SOURCE_KINDS}')
        with self._lock:
            self._pass = _Pass(self._path, self._config.fps)
            self._pass_start = 0.0
        self.fps = self._pass.fps
        self.length = self._pass.length
        self.description = (
            f'video {self._name}, {self._pass.width}x{self._pass.height} at {self.fps:g} Hz'
        )
        self.warning = ''
        self.dropped = 0
        self._timeline.restart()

    def read(self) -> Frame | None:
        """Return the next frame when it is due. None at the end."""
        with self._lock:
            decoded = self._next()
        if decoded is None:
            return None
        media_time, image = decoded
        image = shrink_to_fit(image, self._config.width, self._config.height)
        stamp = self._timeline.release(media_time)
        if stamp is None:
            return None
        return Frame(image, 'bgr8', stamp, self._config.frame_id)

    def close(self) -> None:
        """Release the file."""
        self._timeline.interrupt()
        with self._lock:
            if self._pass is not None:
                self._pass.release()
                self._pass = None

    def _next(self) -> tuple[float, NDArray[np.uint8]] | None:
        """Decode the next frame, the first one again if it loops. Return media time and image."""
        if self._pass is None:
            return None
        decoded = self._pass.next()
        if decoded is None:
            self._judge_end(self._pass)
            if not self._config.loop:
                return None
            self._pass_start += self._pass.end_time
            self._pass.release()
            # Otherwise the heap grows with each pass, because FFmpeg's buffers fragment it.
            release_free_memory()
            self._pass = _Pass(self._path, self._config.fps)
            decoded = self._pass.next()
            if decoded is None:
                return None
        media_time, image = decoded
        return self._pass_start + media_time, image

    def _judge_end(self, finished: _Pass) -> None:
        """Report a truncated or damaged file once."""
        missing, broken, decoded = finished.missing, finished.broken, finished.decoded_frames
        if self.warning or not missing + broken:
            return
        path = printable(str(self._path))
        if missing:
            announced = max(finished.length, decoded + missing)
            self.dropped = announced - decoded
            self.warning = (
                f'{path} ended after {decoded} of {announced} frames: it is truncated or damaged'
            )
        else:
            self.dropped = broken
            self.warning = f'{path} is damaged: {broken} of its frames cannot be decoded'
        logger.error('%s', self.warning)


class _Pass:
    """One pass through the file, from the first frame to the last."""

    def __init__(self, path: Path, fps: float) -> None:
        try:
            self._capture = open_file(path)
            try:
                self._first = self._decode()
                if self._first is None:
                    raise no_video('it ends before the first one')
            except BaseException:
                self._capture.release()
                raise
        except SourceError as error:
            raise SourceError(f'cannot read {path}: {error}') from error
        self.height, self.width = self._first.shape[:2]
        credible = 0 < self._capture.fps <= MAX_CREDIBLE_FPS
        self.fps = fps or (self._capture.fps if credible else FALLBACK_FPS)
        self.length = self._capture.length
        self._use_file_times = not fps
        self._first_time = self._capture.time
        self._media_time = 0.0
        self.decoded_frames = 0

    @property
    def end_time(self) -> float:
        """Seconds from the first frame to the end of the last one."""
        return self._media_time + 1 / self.fps

    @property
    def missing(self) -> int:
        """Number of announced frames that the file lacks. Valid at the end."""
        return self._capture.missing()

    @property
    def broken(self) -> int:
        """Number of frames so far that could not be decoded."""
        return self._capture.broken

    def next(self) -> tuple[float, NDArray[np.uint8]] | None:
        image = self._first if self._first is not None else self._decode()
        self._first = None
        if image is None:
            return None
        self._media_time = self._time_of_this_frame()
        self.decoded_frames += 1
        return self._media_time, image

    def release(self) -> None:
        self._capture.release()

    def _decode(self) -> NDArray[np.uint8] | None:
        while self._capture.grab():
            intact, image = self._capture.retrieve()
            if intact:
                return image
        return None

    def _time_of_this_frame(self) -> float:
        if self.decoded_frames == 0:
            return 0.0
        time = self._capture.time
        if self._use_file_times and time is not None and self._first_time is not None:
            media_time = time - self._first_time
            if media_time > self._media_time:
                return media_time
        # Without a usable time stamp, or with a requested rate, frames have equal distances.
        return self._media_time + 1 / self.fps

"""The base of cameras and streams: a thread reads, and the newest frame is delivered."""

from __future__ import annotations

import logging
import threading
import time
from abc import abstractmethod
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.errors import SourceError
from fer_ros.core.sources.base import FrameSource, SourceConfig
from fer_ros.core.types import S_TO_NS, Frame

#: Seconds for which close() waits for a read that hangs in a driver or in the network.
CLOSE_TIMEOUT = 0.5

#: Age in seconds above which the stamp of a driver or sensor is of another clock.
MAX_FRAME_AGE = 1.0

logger = logging.getLogger(__name__)


def plausible_age(age: float) -> float:
    """Return the age of a frame by its stamp, seconds. 0 if the stamp is of another clock."""
    return age if 0 <= age <= MAX_FRAME_AGE else 0.0


class Device(Protocol):
    """The interface of cv2.VideoCapture and Capture."""

    def grab(self) -> bool:
        """Wait for the next frame; False at the end."""

    def retrieve(self) -> tuple[bool, Any]:
        """Return whether the grabbed frame is intact, and its image."""

    def release(self) -> None:
        """Close it."""


DeviceT = TypeVar('DeviceT', bound=Device)


class LiveSource(FrameSource, Generic[DeviceT]):
    """A device with its own rate. read() waits for the newest frame.

    A call of the library can block for any time. One thread therefore makes all calls, from
    opening to releasing, so that open(), read() and close() keep their time limits. Frames are
    stamped when they arrive, before they are decoded.
    """

    live = True

    def __init__(self, name: str, config: SourceConfig) -> None:
        self.name = name
        self.config = config
        self.description = name
        self._reader: _Reader[DeviceT] | None = None

    @abstractmethod
    def open_capture(self) -> DeviceT:
        """Open the device or URL, in the reading thread.

        Raises:
            SourceError: It cannot be opened.
        """

    @abstractmethod
    def frame_rate(self, capture: DeviceT) -> float:
        """Return the frames per second of the device. Values that are not credible are ignored."""

    def frame_age(self, capture: DeviceT) -> float:
        """Return the age of the grabbed frame in seconds, 0 if it is unknown."""
        return 0.0

    def frame_period(self, capture: DeviceT) -> float:
        """Return the smallest time between two reads, seconds. 0 if the device sets the rate."""
        return 0.0

    def check_format(self, width: int, height: int) -> str:
        """Return the differences to the requested settings, '' if there are none."""
        return ''

    def open(self) -> None:
        """Open the capture and wait for its first frame, at most config.open_timeout."""
        self.close()
        self.dropped = 0
        reader = _Reader(self)
        # First, because close() on another thread waits for the end of the thread.
        reader.start()
        self._reader = reader
        try:
            first = reader.newest(self.config.open_timeout, keep=True)
            if first is None:
                raise SourceError(
                    f'{self.name} delivered no frame within {self.config.open_timeout:g} s: '
                    'check that it is switched on, connected, and not used by another program'
                )
            height, width = first[0].shape[:2]
            self.warning = self.check_format(width, height)
        except BaseException:  # Also if Ctrl-C ends the wait.
            self.close()
            raise
        rate = f' at {self.fps:g} Hz' if self.fps else ''
        self.description = f'{self.name}, {width}x{height}{rate}'

    def read(self) -> Frame | None:
        """Wait for a frame newer than the last.

        Raises:
            SourceError: No frame arrives in time.
        """
        reader = self._reader
        if reader is None:
            return None
        newest = reader.newest(self.config.read_timeout)
        self.dropped += reader.take_dropped()
        if reader.stopped.is_set():
            return None
        if newest is None:
            raise self.silence()
        image, stamp = newest
        return Frame(self.prepare(image), 'bgr8', stamp, self.config.frame_id)

    def silence(self) -> SourceError:
        """Return the error for a capture that is open but delivers nothing."""
        return SourceError(
            f'{self.name} has delivered no frame for {self.config.read_timeout:g} s: check the '
            'cable or the network'
        )

    def prepare(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Convert a frame to the requested shape."""
        return image

    def close(self) -> None:
        """Stop the thread. Do not wait for a thread that hangs."""
        reader, self._reader = self._reader, None
        if reader is None:
            return
        reader.stop()
        reader.join(CLOSE_TIMEOUT)
        if reader.is_alive():
            logger.warning('%s does not answer: it is released when it answers', self.name)


class _Reader(threading.Thread, Generic[DeviceT]):
    """Opens, reads and releases one capture, and keeps the newest frame."""

    def __init__(self, source: LiveSource[DeviceT]) -> None:
        super().__init__(name=f'fer_ros {source.name}', daemon=True)
        self.stopped = threading.Event()
        self._source = source
        self._changed = threading.Condition()
        self._newest: tuple[NDArray[np.uint8], int] | None = None
        self._stamp = self._time = 0
        self._failure = ''
        self._dropped = 0

    def newest(
        self, timeout: float, *, keep: bool = False
    ) -> tuple[NDArray[np.uint8], int] | None:
        """Wait for a new frame, and return it with its stamp. None after the timeout or the
        end."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._newest is not None or self._failure or self.stopped.is_set(), timeout
            )
            newest = self._newest
            if newest is None and self._failure and not self.stopped.is_set():
                raise SourceError(self._failure)
            if not keep:
                self._newest = None
            return newest

    def take_dropped(self) -> int:
        """Return the number of frames that were replaced or broken since the last call."""
        with self._changed:
            dropped, self._dropped = self._dropped, 0
            return dropped

    def stop(self) -> None:
        """End the thread after its current call, and wake threads that wait for a frame."""
        with self._changed:
            self.stopped.set()
            self._changed.notify_all()

    def run(self) -> None:
        """Read until stopped or until the capture fails."""
        try:
            capture = self._source.open_capture()
            try:
                self._read(capture)
            finally:
                capture.release()
        except SourceError as error:
            self._fail(str(error))
        except Exception as error:  # no error ends the thread silently
            logger.error('%s cannot be read', self._source.name, exc_info=error)
            self._fail(
                f'{self._source.name} cannot be read ({type(error).__name__}: {error}): connect '
                'it again, or update its driver and library'
            )

    def _fail(self, failure: str) -> None:
        with self._changed:
            self._failure = failure
            self._changed.notify_all()

    def _read(self, capture: DeviceT) -> None:
        source = self._source
        fps = source.frame_rate(capture)
        source.fps = fps if 0 < fps <= 1000 else 0.0
        period = source.frame_period(capture)
        due = time.monotonic()
        frames = 0
        while not self.stopped.wait(max(0.0, due - time.monotonic())):
            asked = time.monotonic()
            if not capture.grab():
                # FFmpeg has the same limit, and can reach it before read() does.
                if time.monotonic() - asked >= source.config.read_timeout:
                    raise source.silence()
                raise SourceError(
                    f'{source.name} ended after {frames} frames: it was unplugged or switched '
                    'off, or the connection was lost'
                )
            stamp = self._next_stamp(capture)
            intact, image = capture.retrieve()
            frames += 1
            due += period
            with self._changed:
                if not intact or self._newest is not None:
                    self._dropped += 1
                if intact:
                    self._newest = np.asarray(image, np.uint8), stamp
                    self._changed.notify_all()

    def _next_stamp(self, capture: DeviceT) -> int:
        """Return the time of arrival of the grabbed frame, nanoseconds.

        Stamps rise while the clock advances. With B-frames, a frame can arrive before frames that
        are shown earlier.
        """
        now = self._source.config.clock()
        stamp = now - round(self._source.frame_age(capture) * S_TO_NS)
        if now > self._time:
            stamp = max(stamp, self._stamp + 1)
        self._time, self._stamp = now, stamp
        return stamp

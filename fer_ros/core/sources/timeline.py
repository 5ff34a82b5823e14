"""Times and stamps of the frames of a source that is not live."""

from __future__ import annotations

import threading
import time

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.sources.base import SourceConfig
from fer_ros.core.types import S_TO_NS, Frame


class Timeline:
    """Converts media time to waiting times and stamps, by SourceConfig.realtime.

    If a reader is late by more than `slack`, the schedule moves, so that it gets no burst of
    frames. Recordings then play slower, and no frame is omitted.

    Attributes:
        number: Number of the frame that next_frame() returns next. 0 after restart().
    """

    def __init__(self, config: SourceConfig, slack: float = 0.1) -> None:
        self._realtime = config.realtime
        self._clock = config.clock
        self._frame_id = config.frame_id
        self._slack = slack
        self._interrupted = threading.Event()
        self._start: float | None = None
        self._start_stamp = 0
        self.number = 0

    def restart(self) -> None:
        """Start a new schedule with the next frame."""
        self._interrupted.clear()
        self._start = None
        self.number = 0

    def interrupt(self) -> None:
        """Wake a waiting release(). It and all later calls return None."""
        self._interrupted.set()

    def next_frame(self, image: NDArray[np.uint8], fps: float) -> Frame | None:
        """Return a bgr8 image as the next frame of a constant rate, when it is due.

        None when interrupted.
        """
        stamp = self.release(self.number / fps)
        if stamp is None:
            return None
        self.number += 1
        return Frame(image, 'bgr8', stamp, self._frame_id)

    def release(self, media_time: float) -> int | None:
        """Wait until the frame at `media_time` (seconds) is due. Return its stamp, nanoseconds."""
        if self._start is None:
            self._start = time.monotonic() - media_time
            self._start_stamp = self._clock() - round(media_time * S_TO_NS)
        if not self._realtime:
            if self._interrupted.is_set():
                return None
            return self._start_stamp + round(media_time * S_TO_NS)
        wait = self._start + media_time - time.monotonic()
        if wait < -self._slack:
            self._start -= wait
        if self._interrupted.wait(max(0.0, wait)):
            return None
        return self._clock()

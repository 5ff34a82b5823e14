"""An RTSP or HTTP stream as a frame source."""

from __future__ import annotations

import os

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.errors import SourceError
from fer_ros.core.redaction import password_hint, redact_address
from fer_ros.core.sources.base import SourceConfig, shrink_to_fit
from fer_ros.core.sources.live import LiveSource

# FFmpeg writes addresses with their passwords to the terminal, past our logs: it stays quiet.
os.environ.setdefault('OPENCV_FFMPEG_LOGLEVEL', '-8')

STREAM_SCHEMES = frozenset(('http', 'https', 'rtmp', 'rtsp', 'rtsps', 'tcp', 'udp'))


class StreamSource(LiveSource):
    """Frames from a URL through OpenCV's FFmpeg, bgr8, newest first.

    A recording behind a URL comes at its own rate. Logs and errors never show the password.
    """

    def __init__(self, url: str, config: SourceConfig) -> None:
        super().__init__(f'stream {redact_address(url)}', config)
        self._url = url

    def open_capture(self) -> cv2.VideoCapture:
        """Connect, with FFmpeg's own time limits so that a thread left behind ends too."""
        timeouts = [
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, round(self.config.open_timeout * 1000),
            cv2.CAP_PROP_READ_TIMEOUT_MSEC, round(self.config.read_timeout * 1000),
        ]  # fmt: skip
        capture = cv2.VideoCapture(self._url, cv2.CAP_FFMPEG, timeouts)
        if not capture.isOpened():
            hint = password_hint(self._url)
            raise SourceError(
                f'{self.name} cannot be opened: check the address, the password and that the '
                f'server runs, for example with ffprobe{hint and f"; {hint}"}'
            )
        return capture

    def frame_period(self, capture: cv2.VideoCapture) -> float:
        """Return the distance of frames if the length is known: then it is a recording."""
        if capture.get(cv2.CAP_PROP_FRAME_COUNT) <= 0 or not self.fps:
            return 0.0
        return 1 / self.fps

    def prepare(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Shrink what is larger than asked for."""
        return shrink_to_fit(image, self.config.width, self.config.height)

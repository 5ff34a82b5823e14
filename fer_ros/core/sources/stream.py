"""An RTSP or HTTP stream as a frame source."""

from __future__ import annotations

import os

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.errors import SourceError
from fer_ros.core.redaction import password_hint, redact_address
from fer_ros.core.sources.base import SourceConfig, shrink_to_fit
from fer_ros.core.sources.capture import Capture, open_url
from fer_ros.core.sources.live import LiveSource

# FFmpeg would write addresses with their passwords to the terminal.
os.environ.setdefault('OPENCV_FFMPEG_LOGLEVEL', '-8')

STREAM_SCHEMES = frozenset(('http', 'https', 'rtmp', 'rtsp', 'rtsps', 'tcp', 'udp'))


class StreamSource(LiveSource[Capture]):
    """Frames from a URL, bgr8, newest first.

    A recording at a URL has its own rate. Logs and errors never show the password.
    """

    def __init__(self, url: str, config: SourceConfig) -> None:
        super().__init__(f'stream {redact_address(url)}', config)
        self._url = url

    def open_capture(self) -> Capture:
        """Connect, with time limits in the reader, so that an abandoned thread ends, too."""
        try:
            return open_url(self._url, self.config.open_timeout, self.config.read_timeout)
        except SourceError as error:
            hint = password_hint(self._url)
            raise SourceError(
                f'{self.name} cannot be opened ({error}): check the address, the password and '
                f'that the server runs, for example with ffprobe{hint and f"; {hint}"}'
            ) from None

    def frame_rate(self, capture: Capture) -> float:
        """Return the rate of the stream."""
        return capture.fps

    def frame_age(self, capture: Capture) -> float:
        """Return the time since the arrival of the frame."""
        return capture.age

    def frame_period(self, capture: Capture) -> float:
        """Return the time between frames of a recording, which has a known length."""
        return 1 / self.fps if capture.recording and self.fps else 0.0

    def prepare(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Shrink frames that are larger than requested."""
        return shrink_to_fit(image, self.config.width, self.config.height)

"""A moving test pattern without a face. It needs no hardware."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.sources.base import DEFAULT_FPS, DEFAULT_SIZE, FrameSource, SourceConfig
from fer_ros.core.sources.timeline import Timeline
from fer_ros.core.types import Frame

#: The usual colour bars at 75 %: white, yellow, cyan, green, magenta, red, blue, black, in BGR.
_BARS = ((191, 191, 191), (0, 191, 191), (191, 191, 0), (0, 191, 0),
         (191, 0, 191), (0, 0, 191), (191, 0, 0), (16, 16, 16))  # fmt: skip
_SWEEP_FRAMES = 120


class SyntheticSource(FrameSource):
    """Endless colour bars with the frame number and a line that moves down in 120 frames.

    Frame n is the same picture in every run. Only its stamp differs.
    """

    def __init__(self, config: SourceConfig) -> None:
        self._config = config
        self._width, self._height = (config.width, config.height) if config.width else DEFAULT_SIZE
        self._timeline = Timeline(config)
        self._open = False
        self.fps = config.fps or DEFAULT_FPS
        self.description = (
            f'synthetic test pattern, {self._width}x{self._height} at {self.fps:g} Hz'
        )

    def open(self) -> None:
        """Start at frame 0."""
        self._background = _color_bars(self._width, self._height)
        self._open = True
        self._timeline.restart()

    def read(self) -> Frame | None:
        """Draw the next frame and return it when it is due."""
        if not self._open:
            return None
        number = self._timeline.number
        image = self._background.copy()
        row = number % _SWEEP_FRAMES * self._height // _SWEEP_FRAMES
        image[row : row + max(1, self._height // 60)] = 255
        origin = (self._width // 20, self._height - self._height // 20)
        scale = self._height / 480
        cv2.putText(
            image, str(number), origin, cv2.FONT_HERSHEY_SIMPLEX, scale, (255, 255, 255), 2
        )
        return self._timeline.next_frame(image, self.fps)

    def close(self) -> None:
        """End the pattern."""
        self._open = False
        self._timeline.interrupt()


def _color_bars(width: int, height: int) -> NDArray[np.uint8]:
    bar = np.arange(width) * len(_BARS) // width
    row = np.array(_BARS, np.uint8)[bar]
    return np.ascontiguousarray(np.broadcast_to(row, (height, width, 3)))

"""Annotated videos: MPEG-4 in MP4, each frame at the time it has in its source, without sound."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.errors import OutputError
from fer_ros.offline.mp4 import set_frame_times

#: What OpenCV's own builds and those of distributions can write, and all common players show.
CODEC = cv2.VideoWriter.fourcc(*'mp4v')

#: Rates that encoders take. The true times are set when the video is closed.
_RATES = (1, 60)


class VideoFile:
    """Writes bgr8 frames.

    fps: frames per second, about. warning: what is otherwise in the video than in its source.
    Raises OutputError where it cannot be written.
    """

    def __init__(self, path: Path, fps: float) -> None:
        self.path = path
        self._rate = float(round(min(max(fps, _RATES[0]), _RATES[1])))
        self._fps = fps
        self._writer: cv2.VideoWriter | None = None
        self._size = (0, 0)
        self._times: list[float] = []
        self.warning = ''

    def write(self, image: NDArray[np.uint8], time: float) -> None:
        """Add a frame, (H, W, 3), shown at `time`, seconds, later than the one before."""
        size = (image.shape[1], image.shape[0])
        if self._writer is None:
            self._size = size
            self._writer = cv2.VideoWriter(str(self.path), CODEC, self._rate, size)
            if not self._writer.isOpened():
                raise OutputError(
                    f'OpenCV {cv2.__version__} cannot write a video of {size[0]}x{size[1]} pixels '
                    'as MPEG-4: install opencv-python-headless, or give --no-pictures')
        if size != self._size:
            image = np.asarray(cv2.resize(image, self._size), np.uint8)
            self.warning = 'pictures of other sizes than the first are scaled to it in the video'
        self._writer.write(image)
        # Where a source's clock was set back, frames go on at their rate.
        least = self._times[-1] + 1 / self._rate if self._times else time
        self._times.append(time if not self._times or time > self._times[-1] else least)

    def close(self) -> None:
        """End the file and set its times."""
        if self._writer is None:
            return
        self._writer.release()
        self._writer = None
        set_frame_times(self.path, self._times, self._times[-1] + 1 / self._fps)

    def abandon(self) -> None:
        """Close the file whatever is in it."""
        if self._writer is not None:
            self._writer.release()
            self._writer = None

"""An animated picture (GIF, WebP, PNG, AVIF) as a frame source."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.errors import EncodingError, SourceError, printable
from fer_ros.core.imaging.decoding import open_animation
from fer_ros.core.imaging.pillow_reader import animated_pictures, animation_frames
from fer_ros.core.sources.base import FrameSource, SourceConfig, read_source_file, shrink_to_fit
from fer_ros.core.sources.timeline import Timeline
from fer_ros.core.types import Frame

logger = logging.getLogger(__name__)


class AnimationSource(FrameSource):
    """The pictures of an animation in order, with the durations in the file or at config.fps.

    It needs Pillow. A damaged file delivers the frames before the damage. `warning` and an
    error in the log then say so.
    """

    def __init__(self, path: str | Path, config: SourceConfig) -> None:
        self._path = Path(path)
        self._config = config
        self._timeline = Timeline(config)
        self._lock = threading.Lock()
        self._pictures: Iterator[tuple[float, NDArray[np.uint8]]] | None = None
        self._image: Any = None
        self._media_time = 0.0
        self.description = f'animation {printable(self._path.name)}'

    def open(self) -> None:
        """Open the file.

        Raises:
            SourceError: It cannot be decoded.
        """
        self.close()
        try:
            data = read_source_file(self._path)
            self._image = open_animation(memoryview(data), str(self._path))
            first = next(animation_frames(self._image, str(self._path)))
        except EncodingError as error:
            raise SourceError(str(error)) from error
        self.length = animated_pictures(self._image)
        self.fps = self._config.fps or 1 / first[0]
        height, width = first[1].shape[:2]
        self.description = (
            f'animation {printable(self._path.name)}, {self.length} pictures of {width}x{height}'
        )
        self.warning = ''
        self.dropped = 0
        self._media_time = 0.0
        self._timeline.restart()
        with self._lock:
            self._pictures = animation_frames(self._image, str(self._path))

    def read(self) -> Frame | None:
        """Return the next picture when it is due. None at the end."""
        with self._lock:
            shown = self._next()
        if shown is None:
            return None
        seconds, image = shown
        stamp = self._timeline.release(self._media_time)
        self._media_time += 1 / self._config.fps if self._config.fps else seconds
        if stamp is None:
            return None
        image = shrink_to_fit(image, self._config.width, self._config.height)
        return Frame(image, 'bgr8', stamp, self._config.frame_id)

    def close(self) -> None:
        """Release the file."""
        self._timeline.interrupt()
        with self._lock:
            self._pictures = self._image = None

    def _next(self) -> tuple[float, NDArray[np.uint8]] | None:
        """Decode the next picture, the first one again if it loops. Return its seconds and
        pixels."""
        if self._pictures is None:
            return None
        shown = self._decode(self._pictures)
        if shown is None and self._config.loop:
            self._pictures = animation_frames(self._image, str(self._path))
            shown = self._decode(self._pictures)
        return shown

    def _decode(
        self,
        pictures: Iterator[tuple[float, NDArray[np.uint8]]],
    ) -> tuple[float, NDArray[np.uint8]] | None:
        """Return the next picture. None at the end, or at a damaged part, which is logged once."""
        try:
            return next(pictures, None)
        except EncodingError as error:
            if not self.warning:
                self.warning = str(error)
                logger.error('%s', self.warning)
            return None

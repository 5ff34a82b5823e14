"""Destinations of annotated pictures: none, a picture file or a video."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.display.drawing import DrawingConfig, draw_emotions
from fer_ros.core.display.overlay import bgr_copy
from fer_ros.core.imaging.files import encode_picture
from fer_ros.core.types import EmotionSet, Frame
from fer_ros.offline.results.output import output_errors
from fer_ros.offline.results.video import VideoFile

JPEG_QUALITY = 95

#: The parts that are drawn onto files.
DRAWING = DrawingConfig(searching=False)


class Canvas:
    """Draws and writes nothing.

    Attributes:
        warning: Differences between the file and its source.
    """

    warning = ''

    def draw(self, frame: Frame, emotions: EmotionSet) -> NDArray[np.uint8] | None:
        """Return the annotated picture. Can be called on several threads at once."""
        return None

    def write(self, picture: NDArray[np.uint8] | None, time: float) -> None:
        """Add the next picture.

        Args:
            time: Seconds since the first.

        Raises:
            OutputError: The file cannot be written.
        """

    def __enter__(self) -> Canvas:
        return self

    def __exit__(self, *exception: object) -> None:
        """Finish the file, or close it incomplete after an error.

        Raises:
            OutputError: The file cannot be written.
        """


class _DrawingCanvas(Canvas):
    """Draws boxes, labels and bars."""

    def draw(self, frame: Frame, emotions: EmotionSet) -> NDArray[np.uint8] | None:
        """Return the annotated picture, bgr8."""
        image = bgr_copy(frame)
        draw_emotions(image, emotions, DRAWING)
        return image


class PictureCanvas(_DrawingCanvas):
    """Writes a single picture, JPEG or PNG by its suffix."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, picture: NDArray[np.uint8] | None, time: float) -> None:
        """Write the file."""
        assert picture is not None
        data = encode_picture(self._path.suffix, picture, JPEG_QUALITY)
        with output_errors(self._path.parent):
            self._path.write_bytes(data)


class VideoCanvas(_DrawingCanvas):
    """Writes a video.

    Args:
        fps: Approximate frames per second.
    """

    def __init__(self, path: Path, fps: float) -> None:
        self._file = VideoFile(path, fps)

    def write(self, picture: NDArray[np.uint8] | None, time: float) -> None:
        """Add a frame."""
        assert picture is not None
        self._file.write(picture, time)
        self.warning = self._file.warning

    def __exit__(self, *exception: object) -> None:
        """Finish the file, or close it incomplete after an error."""
        if exception[0] is None:
            with output_errors(self._file.path.parent):
                self._file.close()
        else:
            self._file.abandon()

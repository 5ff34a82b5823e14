"""An open video or stream, read by PyAV if it is installed, otherwise by OpenCV."""

from __future__ import annotations

import importlib.util
import math
from abc import ABC, abstractmethod
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.errors import SourceError

#: Pixels with a higher aspect ratio are an error in the file, and count as square.
MOST_UNEQUAL = 4.0

#: The oldest PyAV that reports rotation and takes the settings of pyav_capture.py.
_LEAST_PYAV = 15


class Capture(ABC):
    """Frames of one video stream, bgr8, upright, with square pixels, progressive.

    Attributes:
        fps: Nominal rate in Hz, 0 if unknown.
        length: Number of frames by the container. 0 if unknown.
        size: Coded width and height, pixels. 0 if unknown.
        recording: Whether the duration is known. That of a live stream is not.
        time: Time of the grabbed frame on the clock of the media, in seconds. None if it has none.
        age: Seconds since the grabbed frame arrived.
        broken: Number of frames that cannot be decoded.
    """

    fps: float = 0.0
    length: int = 0
    size: tuple[int, int] = (0, 0)
    recording: bool = False
    time: float | None = None
    age: float = 0.0
    broken: int = 0

    @abstractmethod
    def grab(self) -> bool:
        """Wait for the next frame. Return False at the end.

        Raises:
            SourceError: The frame cannot be used.
        """

    @abstractmethod
    def retrieve(self) -> tuple[bool, NDArray[np.uint8]]:
        """Return whether the grabbed frame is intact, and its image."""

    @abstractmethod
    def release(self) -> None:
        """Close the file or connection."""

    def missing(self) -> int:
        """Return the approximate number of frames that are missing in the file, at its end."""
        return 0


def has_pyav() -> bool:
    """Return whether PyAV reads videos and streams and writes annotated videos."""
    if importlib.util.find_spec('av') is None:
        return False
    try:
        import av
    except ImportError:  # its libraries do not run on this machine
        return False
    return int(av.__version__.partition('.')[0]) >= _LEAST_PYAV


def open_file(path: Path) -> Capture:
    """Open a video file. Its name can contain any bytes.

    Raises:
        SourceError: It cannot be opened.
    """
    if has_pyav():
        from fer_ros.core.sources.pyav_capture import PyavCapture

        return PyavCapture.of_file(path)
    from fer_ros.core.sources.opencv_capture import OpencvCapture

    return OpencvCapture.of_file(path)


def open_url(url: str, open_timeout: float, read_timeout: float) -> Capture:
    """Connect to a stream. The timeout in seconds applies to each step.

    Errors do not name the URL, because it can contain a password.

    Raises:
        SourceError: It cannot be opened.
    """
    if has_pyav():
        from fer_ros.core.sources.pyav_capture import PyavCapture

        return PyavCapture.of_url(url, open_timeout, read_timeout)
    from fer_ros.core.sources.opencv_capture import OpencvCapture

    return OpencvCapture.of_url(url, open_timeout, read_timeout)


def no_video(reason: str) -> SourceError:
    """Return the error for an input without a decodable video."""
    return SourceError(
        f'no frame can be decoded: {reason}; use a complete video, or convert it with ffmpeg'
    )


def square_size(width: int, height: int, aspect: Fraction | float) -> tuple[int, int]:
    """Return the size of an image with square pixels instead of pixels of an aspect ratio.

    Sides only grow, so that no detail is lost.
    """
    ratio = float(aspect)
    if not math.isfinite(ratio) or not 1 / MOST_UNEQUAL <= ratio <= MOST_UNEQUAL:
        return width, height
    return round(width * max(ratio, 1.0)), round(height * max(1 / ratio, 1.0))


def squared(image: NDArray[np.uint8], aspect: float) -> NDArray[np.uint8]:
    """Return an image with square pixels."""
    size = square_size(image.shape[1], image.shape[0], aspect)
    if size == (image.shape[1], image.shape[0]):
        return image
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_LINEAR), np.uint8)

"""The camera module of a Raspberry Pi, with Picamera2, the Python library of libcamera.

OpenCV cannot read pictures from the Video4Linux devices of the modules. Picamera2 is part of
Raspberry Pi OS (python3-picamera2) and is imported when it is used.
"""

from __future__ import annotations

import time
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.errors import SourceError
from fer_ros.core.sources.base import DEFAULT_SIZE, SourceConfig
from fer_ros.core.sources.live import LiveSource, plausible_age
from fer_ros.core.types import S_TO_NS

#: Picamera2's name of the format with the channels blue, green, red.
_BGR = 'RGB888'


INSTALL_HINT = (
    'on Raspberry Pi OS: sudo apt install python3-picamera2, and a virtual environment made with '
    '--system-site-packages'
)


class PicameraDevice:
    """A running camera with the interface that LiveSource reads.

    Attributes:
        fps: Requested frames per second, 0 if none were requested.
        age: Seconds between the exposure and the arrival of the grabbed frame.
    """

    def __init__(self, camera: Any, fps: float) -> None:
        self._camera = camera
        self._image: NDArray[np.uint8] | None = None
        self.fps = fps
        self.age = 0.0

    def grab(self) -> bool:
        """Wait for the next frame."""
        request = self._camera.capture_request()
        try:
            taken = request.get_metadata().get('SensorTimestamp')
            self.age = _age(taken)
            # A copy, because the camera reuses the buffer.
            self._image = np.array(request.make_array('main')[..., :3])
        finally:
            request.release()
        return True

    def retrieve(self) -> tuple[bool, Any]:
        """Return the grabbed frame, (H, W, 3) BGR."""
        return self._image is not None, self._image

    def release(self) -> None:
        """Stop the camera."""
        self._camera.stop()
        self._camera.close()


class PicameraSource(LiveSource[PicameraDevice]):
    """Frames of a camera module, bgr8, the newest first.

    Args:
        number: Number of the camera, as in `rpicam-hello --list-cameras`.
    """

    def __init__(self, number: int, config: SourceConfig) -> None:
        self._number = number
        super().__init__(f'camera module {number}', config)

    def open_capture(self) -> PicameraDevice:
        """Start the camera with the requested size and rate."""
        cameras = list_modules()
        if self._number >= len(cameras):
            there = f'there are {len(cameras)}' if cameras else 'there is none'
            raise SourceError(
                f'there is no {self.name}, {there}: check its cable with rpicam-hello '
                '--list-cameras, or use another source'
            )
        controls = {'FrameRate': self.config.fps} if self.config.fps else {}
        size = (self.config.width, self.config.height) if self.config.width else DEFAULT_SIZE
        try:
            camera = _library().Picamera2(self._number)
            try:
                camera.configure(
                    camera.create_video_configuration(
                        main={'size': size, 'format': _BGR}, controls=controls
                    )
                )
                camera.start()
            except BaseException:
                camera.close()
                raise
        except (RuntimeError, IndexError) as error:
            raise SourceError(
                f'{self.name} cannot be opened ({error}): another program uses it: end that '
                'program'
            ) from error
        return PicameraDevice(camera, self.config.fps)

    def frame_rate(self, capture: PicameraDevice) -> float:
        """Return the requested rate, because the camera reports none."""
        return capture.fps

    def frame_age(self, capture: PicameraDevice) -> float:
        """Return the time since the exposure, by the stamp of the sensor."""
        return capture.age

    def check_format(self, width: int, height: int) -> str:
        """Return the size that was refused, if any."""
        asked = self.config
        if asked.width and (width, height) != (asked.width, asked.height):
            return f'{self.name} delivers {width}x{height} instead of {asked.width}x{asked.height}'
        return ''


def list_modules() -> list[str]:
    """Return the models of the camera modules that are connected, in the order of their numbers.

    Raises:
        SourceError: Picamera2 is not installed, or cannot be imported.
    """
    return [str(camera.get('Model', '?')) for camera in _library().Picamera2.global_camera_info()]


def has_library() -> bool:
    """Return whether Picamera2 is installed."""
    return find_spec('picamera2') is not None


def _library() -> Any:
    try:
        import picamera2
    except ImportError as error:
        raise SourceError(
            f'a camera module needs Picamera2, which cannot be imported ({error}): {INSTALL_HINT}'
        ) from error
    return picamera2


def _age(taken: int | None) -> float:
    """Return the seconds since a stamp of the sensor, in nanoseconds since the machine started."""
    if taken is None:
        return 0.0
    return plausible_age(time.clock_gettime(time.CLOCK_BOOTTIME) - taken / S_TO_NS)

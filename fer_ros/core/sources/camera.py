"""A camera of this machine (Video4Linux) as a frame source."""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path

import cv2

from fer_ros.core.errors import SourceError
from fer_ros.core.sources.base import SourceConfig
from fer_ros.core.sources.live import LiveSource, plausible_age


class CameraSource(LiveSource[cv2.VideoCapture]):
    """Frames of a camera, bgr8, the newest first.

    `warning` reports differences between requested and actual settings.

    Args:
        camera: An index ('0' is /dev/video0) or a device path.
    """

    def __init__(self, camera: str, config: SourceConfig) -> None:
        self._device = f'/dev/video{int(camera)}' if camera.isdecimal() else camera
        super().__init__(f'camera {self._device}', config)

    def open_capture(self) -> cv2.VideoCapture:
        """Open the device, and request size, rate and format."""
        check_device(self._device)
        capture = cv2.VideoCapture(self._device, cv2.CAP_V4L2)
        if not capture.isOpened():
            raise SourceError(
                f'{self.name} cannot be opened: another program uses it, or it delivers no '
                f'video; {name_cameras()}'
            )
        # The format first, because the sizes and rates of a camera depend on it.
        if self.config.pixel_format:
            capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*self.config.pixel_format))
        if self.config.width:
            capture.set(cv2.CAP_PROP_FRAME_WIDTH, self.config.width)
            capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self.config.height)
        if self.config.fps:
            capture.set(cv2.CAP_PROP_FPS, self.config.fps)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        return capture

    def frame_rate(self, capture: cv2.VideoCapture) -> float:
        """Return the rate that the driver granted."""
        return float(capture.get(cv2.CAP_PROP_FPS))

    def frame_age(self, capture: cv2.VideoCapture) -> float:
        """Return the time since the driver filled the buffer, by its monotonic stamp."""
        return plausible_age(time.monotonic() - capture.get(cv2.CAP_PROP_POS_MSEC) / 1000)

    def check_format(self, width: int, height: int) -> str:
        """Return the size and rate that were refused, if any."""
        asked = self.config
        refused = []
        if asked.width and (width, height) != (asked.width, asked.height):
            refused.append(f'{width}x{height} instead of {asked.width}x{asked.height}')
        if asked.fps and self.fps and abs(self.fps - asked.fps) > 1:
            refused.append(f'{self.fps:g} Hz instead of {asked.fps:g}')
        return f'{self.name} delivers {" and ".join(refused)}' if refused else ''


def list_cameras() -> list[str]:
    """Return the paths of the video devices that exist, in the order of their numbers."""
    numbers = (re.fullmatch(r'video(\d+)', path.name) for path in Path('/dev').glob('video*'))
    return [f'/dev/video{n}' for n in sorted(int(match[1]) for match in numbers if match)]


def name_cameras() -> str:
    """Return a clause for errors with the existing video devices."""
    cameras = list_cameras()
    return f'there are {", ".join(cameras)}' if cameras else no_camera()


def no_camera() -> str:
    """Return why no camera of this machine can be used."""
    if sys.platform == 'linux':
        return 'there is no camera'
    return (
        'cameras of this machine can be used only on Linux; on other systems, the page /try of '
        'fer_ros web uses the camera of the browser'
    )


def check_device(device: str) -> None:
    """Raise SourceError if the device does not exist or cannot be used."""
    if not os.path.exists(device):
        raise SourceError(
            f'there is no {device}; {name_cameras()}: connect one, or use another source'
        )
    if not os.access(device, os.R_OK | os.W_OK):
        raise SourceError(
            f'no permission to use {device}: add yourself to its group (sudo usermod -aG video '
            '$USER) '
            'and log in again; a container needs --device and --group-add video'
        )

"""The calibration of camera_node, in the file of camera_info_url."""

from __future__ import annotations

import logging

from sensor_msgs.msg import CameraInfo

from fer_ros.core.errors import MessageError, OutputError
from fer_ros.core.position import CameraModel
from fer_ros.core.upright import Upright
from fer_ros.ros import messages
from fer_ros.ros.messages.calibration import read_calibration, write_calibration


class CameraCalibration:
    """A calibration file and the camera that it describes.

    Attributes:
        url: URL of the file. '' for none.
        camera: None without a file.
    """

    def __init__(self) -> None:
        self.url = ''
        self.camera: CameraModel | None = None

    def read(self, url: str) -> None:
        """Read a file, unless it was read already.

        Raises:
            SourceError: It cannot be read.
        """
        if url != self.url:
            self.url, self.camera = url, None
            if url:
                self.camera = read_calibration(url)
            if self.warning:
                logging.getLogger(__name__).warning(self.warning)

    @property
    def warning(self) -> str:
        """Return that the file does not exist yet. '' if it exists or is not needed."""
        if self.camera or not self.url:
            return ''
        return (
            f'calibration file {self.url} does not exist yet, so camera_info is approximate: '
            'calibrate the camera, or correct camera_info_url'
        )


def store_calibration(url: str, info: CameraInfo, upright: Upright, name: str) -> str:
    """Write a calibration to a file, and return where it is.

    Args:
        url: URL of the file.
        info: The calibration.
        upright: How camera_node rotates images. A calibration of rotated images is refused.
        name: Name of the camera.

    Raises:
        FerError: It cannot be stored.
    """
    if not url:
        raise OutputError('camera_info_url is empty: set it to the file to write')
    if upright.changes:
        raise OutputError(
            'it describes the rotated image, and the file describes the camera: set rotation to 0 '
            'and flip to false, and calibrate again'
        )
    camera = messages.camera_from_info(info)
    if camera is None:
        raise MessageError('it has no size or no focal length: calibrate again')
    return f'the calibration is stored in {write_calibration(url, camera, name)}'

"""The view of a camera: its frames turned upright, and the camera that would take them."""

from __future__ import annotations

from fer_ros.core.position import CameraModel
from fer_ros.core.types import Frame
from fer_ros.core.upright import Upright


class CameraView:
    """Turns frames upright and returns their camera. To change the view, create another one.

    Args:
        upright: How frames are rotated.
        calibration: Calibration of the camera, in any resolution. None approximates it.
        horizontal_fov: Horizontal field of view in degrees, for the approximation.
    """

    def __init__(
        self, upright: Upright, calibration: CameraModel | None, horizontal_fov: float
    ) -> None:
        self._upright = upright
        self._calibration = calibration
        self._horizontal_fov = horizontal_fov
        self._size = 0, 0
        self._camera: CameraModel | None = None

    def of(self, frame: Frame) -> tuple[Frame, CameraModel]:
        """Return a frame upright, and its camera."""
        if self._camera is None or self._size != (frame.width, frame.height):
            self._size = frame.width, frame.height
            self._camera = self._upright.camera(self._camera_of(frame))
        return self._upright.frame(frame), self._camera

    def _camera_of(self, frame: Frame) -> CameraModel:
        if self._calibration is None:
            return CameraModel.from_fov(frame.width, frame.height, self._horizontal_fov)
        return self._calibration.scaled_to(frame.width, frame.height)

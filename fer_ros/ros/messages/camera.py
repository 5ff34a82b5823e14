"""CameraInfo to the camera model and back."""

from __future__ import annotations

from sensor_msgs.msg import CameraInfo

from fer_ros.core.errors import MessageError
from fer_ros.core.position import CameraModel
from fer_ros.ros.messages.stamps import set_header

#: Allowed focal lengths, pixels. The bounds keep results finite.
FOCAL_LENGTHS = 1e-3, 1e9


class CameraInfoBuffer:
    """A CameraInfo message that is used repeatedly, because a camera rarely changes."""

    def __init__(self) -> None:
        self._camera: CameraModel | None = None
        self._message = CameraInfo()

    def fill(self, camera: CameraModel, stamp: int, frame_id: str) -> CameraInfo:
        """Return the message of a camera. Valid until the next fill."""
        if camera is not self._camera:
            self._camera, self._message = camera, camera_info(camera, stamp, frame_id)
        set_header(self._message.header, stamp, frame_id)
        return self._message


def camera_info(camera: CameraModel, stamp: int, frame_id: str) -> CameraInfo:
    """Return the CameraInfo of a camera with its calibration."""
    message = CameraInfo(
        width=camera.width,
        height=camera.height,
        distortion_model=camera.distortion_model,
    )
    set_header(message.header, stamp, frame_id)
    message.d = list(camera.distortion)
    message.k = [camera.fx, 0.0, camera.cx, 0.0, camera.fy, camera.cy, 0.0, 0.0, 1.0]
    message.r = list(camera.rectification)
    message.p = list(camera.projection)
    return message


def camera_from_info(message: CameraInfo) -> CameraModel | None:
    """Return the camera of a CameraInfo, None for an uncalibrated one (K[0] == 0, no size).

    Raises:
        MessageError: The principal point, the distortion or a matrix is wrong.
    """
    fx, fy = float(message.k[0]), float(message.k[4])
    sized = message.width > 0 and message.height > 0
    low, high = FOCAL_LENGTHS
    if not (sized and low <= fx <= high and low <= fy <= high):
        return None
    try:
        return CameraModel(
            width=message.width,
            height=message.height,
            fx=fx,
            fy=fy,
            cx=float(message.k[2]),
            cy=float(message.k[5]),
            distortion=tuple(map(float, message.d)),
            distortion_model=message.distortion_model,
            rectification=tuple(map(float, message.r)),
            projection=tuple(map(float, message.p)),
        )
    except ValueError as error:
        raise MessageError(f'a camera_info is wrong ({error}): calibrate its camera') from error

"""Where people look who look at the robot: a point in a TF frame."""

from __future__ import annotations

from typing import Any

import numpy as np
from rclpy.node import Node
from rclpy.time import Time

from fer_ros.core.attention.facing import Point
from fer_ros.core.errors import FerError
from fer_ros.core.pose.rotation import matrix_of


class Regard:
    """A point of regard, fixed to a frame that may move against the camera.

    frame: the TF frame; empty means the camera's optical frame, and needs no TF.
    error: why there is no transform at the moment, empty while there is one.

    Raises FerError where a frame is given and tf2_ros is not installed.
    """

    def __init__(self, node: Node, frame: str) -> None:
        self.frame = frame
        self.error = ''
        self._buffer: Any = None
        if not frame:
            return
        try:
            import tf2_ros
        except ImportError as error:
            raise FerError(
                f'regard_frame is {frame}, and tf2_ros cannot be imported ({error}): install '
                'ros-<distro>-tf2-ros-py, or leave regard_frame empty and give regard_x, regard_y '
                "and regard_z in the camera's optical frame"
            ) from error
        self._error_type = tf2_ros.TransformException
        self._buffer = tf2_ros.Buffer()
        self._listener = tf2_ros.TransformListener(self._buffer, node)

    def in_camera(self, point: Point, camera_frame: str) -> Point | None:
        """Return a point of the frame in the camera's optical frame, by the newest transform.

        None, with the reason in error, where there is no transform.
        """
        if self._buffer is None or camera_frame == self.frame:
            return point
        try:
            found = self._buffer.lookup_transform(camera_frame, self.frame, Time()).transform
        except self._error_type as error:
            self.error = f'no transform from {self.frame} to {camera_frame}: {error}'
            return None
        self.error = ''
        turn, shift = found.rotation, found.translation
        x, y, z = matrix_of(turn.x, turn.y, turn.z, turn.w) @ np.array(point)
        return float(x + shift.x), float(y + shift.y), float(z + shift.z)

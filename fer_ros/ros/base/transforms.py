"""Transforms between a TF frame that a parameter names and the camera."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from rclpy.node import Node
from rclpy.time import Time

from fer_ros.core.attention.facing import Point
from fer_ros.core.errors import FerError
from fer_ros.core.pose.rotation import matrix_of


class Transforms:
    """The newest transforms of one TF frame, which can move relative to the camera.

    Attributes:
        frame: Name of the frame. Empty means the camera's optical frame, which needs no TF.
        error: Why there is no transform now. Empty if there is one.

    Raises:
        FerError: A frame is named, and tf2_ros is not installed.
    """

    def __init__(self, node: Node, parameter: str) -> None:
        self.frame = str(node.get_parameter(parameter).value)
        self.error = ''
        self._buffer: Any = None
        if not self.frame:
            return
        try:
            import tf2_ros
        except ImportError as error:
            raise FerError(
                f'{parameter} is {self.frame}, and tf2_ros cannot be imported ({error}): install '
                f'ros-<distro>-tf2-ros-py, or leave {parameter} empty'
            ) from error
        self._error_type = tf2_ros.TransformException
        self._buffer = tf2_ros.Buffer()
        self._listener = tf2_ros.TransformListener(self._buffer, node)

    def close(self) -> None:
        """End the subscriptions to the transforms."""
        if self._buffer is not None:
            self._listener.unregister()

    def in_camera(self, point: Point, camera_frame: str) -> Point | None:
        """Return a point of the frame in the camera's optical frame.

        None if there is no transform. The reason is then in `error`.
        """
        if self._buffer is None or camera_frame == self.frame:
            return point
        found = self._find(camera_frame)
        if found is None:
            return None
        rotation, shift = found
        x, y, z = (rotation @ point + shift).tolist()
        return x, y, z

    def up_in_camera(self, camera_frame: str) -> Point | None:
        """Return up, the z axis of the frame, in the camera's optical frame."""
        found = None if self._buffer is None else self._find(camera_frame)
        if found is None:
            return None
        x, y, z = found[0][:, 2].tolist()
        return x, y, z

    def _find(self, camera_frame: str) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        try:
            found = self._buffer.lookup_transform(camera_frame, self.frame, Time()).transform
        except self._error_type as error:
            self.error = f'no transform from {self.frame} to {camera_frame}: {error}'
            return None
        self.error = ''
        turn, shift = found.rotation, found.translation
        rotation = matrix_of(turn.x, turn.y, turn.z, turn.w)
        return rotation, np.array([shift.x, shift.y, shift.z])

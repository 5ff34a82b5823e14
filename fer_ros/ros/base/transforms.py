"""Transforms between a TF frame that a parameter names and the camera."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rclpy.time import Time

from fer_ros.core.attention.facing import Point
from fer_ros.core.errors import FerError
from fer_ros.core.pose.rotation import matrix_of
from fer_ros.ros.base.node import FerNode
from fer_ros.ros.contract import TF, TF_STATIC


class Transforms:
    """The transforms of one TF frame, which may move against the camera.

    They come by the subscriptions of the contract instead of tf2's listener, so that deactivation
    ends them, and qos_overrides apply.

    Attributes:
        frame: Name of the frame. Empty means the camera's optical frame, which needs no TF.
        error: Why there is no transform now. Empty if there is one.

    Raises:
        FerError: A frame is named, and tf2_ros is not installed.
    """

    def __init__(self, node: FerNode, parameter: str) -> None:
        self._node = node
        self.frame = str(node.parameters[parameter])
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
        self._tf2 = tf2_ros
        self._buffer = tf2_ros.Buffer()

    def subscribe(self) -> None:
        """Subscribe to the transforms if they are needed, until the node is deactivated."""
        if self._buffer is not None:
            self._node.subscribe(TF, partial(self._take, self._buffer.set_transform))
            self._node.subscribe(TF_STATIC, partial(self._take, self._buffer.set_transform_static))

    def _take(self, add: Callable[[Any, str], object], message: Any) -> None:
        for transform in message.transforms:
            add(transform, self._node.get_name())

    def in_camera(self, point: Point, camera_frame: str, stamp: int) -> Point | None:
        """Return a point of the frame in the camera's optical frame at a time in nanoseconds.

        None if there is no transform. The reason is then in `error`.
        """
        if self._buffer is None or camera_frame == self.frame:
            return point
        found = self._find(camera_frame, stamp)
        if found is None:
            return None
        rotation, shift = found
        x, y, z = (rotation @ point + shift).tolist()
        return x, y, z

    def up_in_camera(self, camera_frame: str, stamp: int) -> Point | None:
        """Return where up, the z axis of the frame, points in the camera's optical frame."""
        found = None if self._buffer is None else self._find(camera_frame, stamp)
        if found is None:
            return None
        x, y, z = found[0][:, 2].tolist()
        return x, y, z

    def _find(
        self, camera_frame: str, stamp: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        try:
            found = self._at(camera_frame, stamp).transform
        except self._tf2.TransformException as error:
            self.error = f'no transform from {self.frame} to {camera_frame}: {error}'
            return None
        self.error = ''
        turn, shift = found.rotation, found.translation
        rotation = matrix_of(turn.x, turn.y, turn.z, turn.w)
        return rotation, np.array([shift.x, shift.y, shift.z])

    def _at(self, camera_frame: str, stamp: int) -> Any:
        """Return the transform at a time. If it is not known for this time, the newest one."""
        try:
            return self._buffer.lookup_transform(camera_frame, self.frame, Time(nanoseconds=stamp))
        except self._tf2.ExtrapolationException:
            # Transforms often arrive a little later than the image.
            newest = self._buffer.lookup_transform(camera_frame, self.frame, Time())
            self._node.statistics.count('newest_transform')
            return newest

"""Poses of heads over time: a Kalman filter combines each measurement with the earlier ones.

It assumes a constant velocity, like that of the tracker. Unlike a moving average, it does not lag
behind a head that turns steadily.
"""

from __future__ import annotations

import numpy as np

from fer_ros.core.constant_velocity import Axis
from fer_ros.core.pose.estimate import PoseMeasurement
from fer_ros.core.pose.rotation import exp, log, quaternion
from fer_ros.core.types import S_TO_NS, HeadPose, Position

#: Standard deviations of the acceleration of a turning head, radians per second squared, and of a
#: walking person, metres per second squared, and of the velocities of a new face, per second.
TURN, MOVE = 12.0, 3.0
FIRST_TURN, FIRST_MOVE = 1.5, 1.0

#: Seconds without a measurement after which a pose starts again.
FORGET = 0.5


def first_pose(measured: PoseMeasurement, position: Position) -> HeadPose:
    """Return the pose of a head as one picture shows it.

    Args:
        position: Position of the face, as in HeadPoses.update().
    """
    return _Filter(measured, position.z, 0.0).pose(measured, position)


class HeadPoses:
    """Follows the head pose of each face."""

    def __init__(self) -> None:
        self._filters: dict[str, _Filter] = {}

    def update(
        self, face_id: str, measured: PoseMeasurement, position: Position, stamp: int
    ) -> HeadPose:
        """Return the pose of a head after this frame.

        Args:
            position: Position of the face. The head gets its distance, so that both agree.
            stamp: Nanoseconds, not before that of the last frame.
        """
        seconds = stamp / S_TO_NS
        known = self._filters.get(face_id)
        if known is None or not 0.0 <= seconds - known.seconds <= FORGET:
            known = self._filters[face_id] = _Filter(measured, position.z, seconds)
        else:
            known.update(measured, position.z, seconds)
        return known.pose(measured, position)

    def forget_unseen(self, stamp: int) -> None:
        """Forget faces that were not measured for FORGET seconds."""
        oldest = stamp / S_TO_NS - FORGET
        for face_id, known in list(self._filters.items()):
            if known.seconds < oldest:
                del self._filters[face_id]

    def reset(self) -> None:
        """Forget all faces."""
        self._filters.clear()


class _Filter:
    """One head: u and v of its rays, and its rotation around the three axes of the camera.

    The axes of the rotation contain the correction of the rotation, and are 0 between two frames.
    """

    def __init__(self, measured: PoseMeasurement, depth: float, seconds: float) -> None:
        self.seconds = seconds
        self._rotation = measured.rotation
        noise = measured.noise.diagonal().tolist()
        first = (FIRST_MOVE / depth) ** 2
        self._rays = (Axis(measured.u, noise[0], first), Axis(measured.v, noise[1], first))
        self._turns = tuple(Axis(0.0, variance, FIRST_TURN**2) for variance in noise[3:])

    def update(self, measured: PoseMeasurement, depth: float, seconds: float) -> None:
        """Update with a measurement."""
        elapsed, self.seconds = seconds - self.seconds, seconds
        noise = measured.noise.diagonal().tolist()
        found = (measured.u, measured.v)
        for axis, value, variance in zip(self._rays, found, noise, strict=False):
            axis.predict(elapsed, (MOVE / depth) ** 2)
            axis.correct(value, axis.variance + variance)
        for turn in self._turns:
            turn.predict(elapsed, TURN**2)
        self._turn()
        off = log(measured.rotation @ self._rotation.T).tolist()
        for turn, value, variance in zip(self._turns, off, noise[3:], strict=True):
            turn.correct(value, turn.variance + variance)
        self._turn()

    def pose(self, measured: PoseMeasurement, position: Position) -> HeadPose:
        """Return the pose. Its uncertainty includes that of the mean face, which time does not
        reduce."""
        z = position.z
        u, v = (axis.position for axis in self._rays)
        covariance = measured.shape.copy()
        # The distance of the face, with its uncertainty.
        covariance[2], covariance[:, 2] = 0.0, 0.0
        of_depth = position.stddev**2 / (position.x**2 + position.y**2 + z**2)
        rays, turns = ([axis.variance for axis in axes] for axes in (self._rays, self._turns))
        covariance.flat[::7] += [*rays, of_depth, *turns]
        to_metres = np.diag([z, z, z, 1.0, 1.0, 1.0])
        to_metres[0, 2], to_metres[1, 2] = u * z, v * z
        return HeadPose(
            (u * z, v * z, z),
            quaternion(self._rotation),
            to_metres @ covariance @ to_metres.T,
        )

    def _turn(self) -> None:
        self._rotation = exp([turn.position for turn in self._turns]) @ self._rotation
        for turn in self._turns:
            turn.position = 0.0

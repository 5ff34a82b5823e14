"""The pose of a head in one frame: five landmarks and a mean face.

A perspective-n-point problem with a prior: the most probable pose, by Gauss-Newton from the closed
solution for scaled orthography (DeMenthon and Davis, Model-based object pose in 25 lines of code,
1995). The prior holds where small faces tell little; without it their noise reads as a turn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.pose.mean_face import MEAN_FACE, SIZE_STDDEV, STDDEV
from fer_ros.core.pose.rotation import exp, log
from fer_ros.core.position import CameraModel

#: Pixels by which a landmark trembles: a least, and a part of the distance between the eyes. Of
#: RetinaFace and YuNet on photographs that are moved, resized, dimmed and blurred a little.
PIXEL_NOISE, RELATIVE_NOISE = 0.5, 0.028

#: Pixels that the landmarks of a face must reach over.
SMALLEST = 4.0

#: Radians: how far heads turn away from the camera, about its x axis (a nod), its y axis (a
#: turn) and its z axis (a tilt). Standard deviations of the prior.
PRIOR = np.radians([25.0, 50.0, 30.0])

#: A head that looks into the camera, upright: its axes (columns) in the optical frame.
FACING = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, -1.0], [-1.0, 0.0, 0.0]])

_STEPS = 4
#: The error is about the square of the last step: 0.01 leaves 0.01 degrees.
_CONVERGED = 1e-2
_ORTHOGRAPHIC = np.linalg.pinv(np.column_stack([MEAN_FACE, np.ones(5)]))
_PRIOR_INFORMATION = np.diag([0.0, 0.0, 0.0, *PRIOR**-2])
_SHAPE = STDDEV.repeat(2) ** 2
#: Least distance in metres: nearer, the approximations of the first step are no use.
_NEAREST = 0.05


@dataclass(frozen=True, slots=True)
class PoseMeasurement:
    """The pose of a head as one frame shows it.

    rotation: (3, 3), axes of the face's frame (columns) in the camera's optical frame.
    u, v, depth: the origin of the face's frame: x / z, y / z, and the logarithm of z in metres.
    noise, shape: (6, 6) covariances of u, v, depth and of the rotation about the camera's x, y and
        z axes, in radians: what changes with each frame, and what stays as long as it is the same
        person with the same expression.
    """

    rotation: NDArray[np.float64]
    u: float
    v: float
    depth: float
    noise: NDArray[np.float64]
    shape: NDArray[np.float64]


def measure_pose(landmarks: NDArray[np.float32], camera: CameraModel) -> PoseMeasurement | None:
    """Return the most probable pose of a head.

    landmarks: (5, 2) in source pixels, as in Detection. camera: of an image of the same size.
    None where the landmarks do not form a face, such as all in one point.
    """
    if not np.ptp(landmarks, axis=0).max() >= SMALLEST:
        return None
    rays = undistorted(landmarks, camera)
    eyes = float(np.hypot(*(landmarks[1] - landmarks[0])))
    pixel = max(PIXEL_NOISE, RELATIVE_NOISE * eyes) / camera.fx
    start = _orthographic(rays)
    if start is None:
        return None
    rotation, position = start
    for _ in range(_STEPS):
        turned = MEAN_FACE @ rotation.T
        points = turned + position
        z = points[:, 2]
        if z.min() < _NEAREST:
            return None
        jacobian, predicted = _jacobian(turned, points, position)
        variance = pixel**2 + _SHAPE / position[2] ** 2
        weighted = jacobian.T / variance
        information = weighted @ jacobian + _PRIOR_INFORMATION
        gradient = weighted @ (rays - predicted).ravel()
        gradient[3:] -= log(rotation @ FACING.T) / PRIOR**2
        covariance: Any = np.linalg.inv(information)
        step = covariance @ gradient
        # A longer step than half a radian, or half the distance, leaves where it is linear.
        step *= min(1.0, 0.5 / max(np.abs(step[2:]).max(), 1e-9))
        rotation = exp(step[3:]) @ rotation
        depth = position[2] * np.exp(step[2])
        position = np.array(
            [
                (position[0] / position[2] + step[0]) * depth,
                (position[1] / position[2] + step[1]) * depth,
                depth,
            ]
        )
        if np.abs(step).max() < _CONVERGED:
            break
    gain = covariance @ weighted
    noise = pixel**2 * (gain @ gain.T)
    shape = covariance - noise
    shape[2, 2] += SIZE_STDDEV**2
    x, y, z = position
    return PoseMeasurement(rotation, x / z, y / z, float(np.log(z)), noise, shape)


def undistorted(points: NDArray[np.float32], camera: CameraModel) -> NDArray[np.float64]:
    """Return points of an image, (N, 2) pixel edges, as (N, 2) x / z and y / z.

    Lens distortion is taken out for the models plumb_bob, rational_polynomial and equidistant.
    """
    # Landmarks count pixel edges, the principal point pixel centres.
    rays = np.empty((len(points), 2))
    rays[:, 0] = (points[:, 0] - (0.5 + camera.cx)) / camera.fx
    rays[:, 1] = (points[:, 1] - (0.5 + camera.cy)) / camera.fy
    if not any(camera.distortion):
        return rays
    undistort: Any = cv2.undistortPoints
    if camera.distortion_model == 'equidistant':
        undistort = cv2.fisheye.undistortPoints
    elif camera.distortion_model not in ('plumb_bob', 'rational_polynomial'):
        return rays
    found = undistort(rays[:, None], np.eye(3), np.array(camera.distortion))
    return np.asarray(found, float).reshape(-1, 2)


def _orthographic(
    rays: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Return rotation and position for scaled orthography, None where there are none."""
    solution = _ORTHOGRAPHIC @ rays
    x, y = solution[:3, 0], solution[:3, 1]
    scale = 0.5 * float(np.sqrt(x @ x) + np.sqrt(y @ y))
    forward = np.array(
        [x[1] * y[2] - x[2] * y[1], x[2] * y[0] - x[0] * y[2], x[0] * y[1] - x[1] * y[0]]
    )
    length = float(np.sqrt(forward @ forward))
    if not (np.isfinite(length) and length > 1e-6 * scale**2 > 0.0 and scale * _NEAREST < 1.0):
        return None
    forward /= length
    across = x / np.sqrt(x @ x)
    down = np.array(
        [
            forward[1] * across[2] - forward[2] * across[1],
            forward[2] * across[0] - forward[0] * across[2],
            forward[0] * across[1] - forward[1] * across[0],
        ]
    )
    return np.array([across, down, forward]), np.array([*solution[3] / scale, 1.0 / scale])


def _jacobian(
    turned: NDArray[np.float64], points: NDArray[np.float64], position: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how the rays move with u, v, log depth and a rotation, (10, 6), and the rays."""
    inverse = 1.0 / points[:, 2]
    rays = points[:, :2] * inverse[:, None]
    u, v = rays[:, 0], rays[:, 1]
    # To the arms of the rotation: d point = rotation x turned.
    x, y, z = turned[:, 0] * inverse, turned[:, 1] * inverse, turned[:, 2] * inverse
    jacobian = np.zeros((5, 2, 6))
    near = position[2] * inverse
    jacobian[:, 0, 0] = jacobian[:, 1, 1] = near
    jacobian[:, 0, 2] = position[0] * inverse - u * near
    jacobian[:, 1, 2] = position[1] * inverse - v * near
    jacobian[:, 0, 3] = -u * y
    jacobian[:, 0, 4] = z + u * x
    jacobian[:, 0, 5] = -y
    jacobian[:, 1, 3] = -z - v * y
    jacobian[:, 1, 4] = v * x
    jacobian[:, 1, 5] = x
    return jacobian.reshape(10, 6), rays

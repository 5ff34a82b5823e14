"""The pose of a head in one frame: five landmarks and a mean face.

A perspective-n-point problem with a prior: the most probable pose, by Gauss-Newton from the closed
solution for scaled orthography (DeMenthon and Davis, Model-based object pose in 25 lines of code,
1995). The prior matters for small faces with little information. Without it, their noise looks
like a rotation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.pose.mean_face import MEAN_FACE, SIZE_STDDEV, STDDEV
from fer_ros.core.pose.rotation import cross, exp, log
from fer_ros.core.position import DISTORTION_MODELS, CameraModel

#: Noise of a landmark: smallest value in pixels, and part of the distance between the eyes.
#: Measured with RetinaFace and YuNet on photographs that are slightly moved, resized, dimmed and
#: blurred.
PIXEL_NOISE, RELATIVE_NOISE = 0.5, 0.028

#: Smallest extent of the landmarks of a face, pixels.
SMALLEST = 4.0

#: Standard deviations of the prior, radians: rotations of heads away from the camera around its x
#: axis (nod), y axis (turn) and z axis (tilt).
PRIOR = np.radians([25.0, 50.0, 30.0])

#: The axes (columns) of an upright head that looks into the camera, in the optical frame.
FACING = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, -1.0], [-1.0, 0.0, 0.0]])

_STEPS = 4
#: The iteration ends after a step of at most this, radians. On 77 faces of photographs and clips,
#: 0.01 leaves 0.04 degrees (median) and 0.14 degrees (95th percentile).
_CONVERGED = 1e-2
_ORTHOGRAPHIC = np.linalg.pinv(np.column_stack([MEAN_FACE, np.ones(5)]))
_PRIOR_INFORMATION = np.diag([0.0, 0.0, 0.0, *PRIOR**-2])
_PRIOR_WEIGHT = PRIOR**-2
_SHAPE = STDDEV.repeat(2) ** 2
#: Smallest distance, metres. The approximations of the first step are invalid below it.
_NEAREST = 0.05


@dataclass(frozen=True, slots=True)
class PoseMeasurement:
    """The pose of a head as one frame shows it.

    Attributes:
        rotation: (3, 3), axes of the face frame (columns) in the camera's optical frame.
        u: x / z of the origin of the face frame.
        v: y / z of the origin.
        depth: Logarithm of z in metres.
        noise: (6, 6) covariance of u, v, depth and of the rotation around the x, y and z axes of
            the camera, in radians: the part that changes with each frame.
        shape: The same of the part that is constant for one person with one expression.
    """

    rotation: NDArray[np.float64]
    u: float
    v: float
    depth: float
    noise: NDArray[np.float64]
    shape: NDArray[np.float64]


def measure_pose(landmarks: NDArray[np.float32], camera: CameraModel) -> PoseMeasurement | None:
    """Return the most probable pose of a head.

    Args:
        landmarks: (5, 2) in source pixels, as in Detection.
        camera: Camera for an image of the same size.

    Returns:
        The measurement. None if the landmarks do not form a face, for example if all are at one
        point.
    """
    (x0, y0), (x1, y1), _, (x3, y3), (x4, y4) = landmarks.tolist()
    eyes = math.hypot(x1 - x0, y1 - y0)
    if not max(eyes, math.hypot(x3 - x0, y3 - y0), math.hypot(x4 - x1, y4 - y1)) >= SMALLEST:
        return None
    rays = undistorted(landmarks, camera)
    pixel = max(PIXEL_NOISE, RELATIVE_NOISE * eyes) / camera.fx
    start = _orthographic(rays)
    if start is None:
        return None
    rotation, u, v, z = start
    seen = rays.ravel()
    for _ in range(_STEPS):
        turned: list[list[float]] = (MEAN_FACE @ rotation.T).tolist()
        if min(depth for _, _, depth in turned) + z < _NEAREST:
            return None
        jacobian, predicted = _jacobian(turned, u, v, z)
        weighted = jacobian.T / (pixel * pixel + _SHAPE / (z * z))
        information = weighted @ jacobian + _PRIOR_INFORMATION
        gradient = weighted @ (seen - predicted)
        gradient[3:] -= _PRIOR_WEIGHT * log(rotation @ FACING.T)
        covariance: Any = np.linalg.inv(information)
        step = (covariance @ gradient).tolist()
        # A step of more than half a radian, or half the distance, leaves the linear region.
        longest = max(map(abs, step))
        if longest > 0.5:
            step = [0.5 / longest * part for part in step]
        u, v, z = u + step[0], v + step[1], z * math.exp(step[2])
        rotation = exp(step[3:]) @ rotation
        if longest < _CONVERGED:
            break
    gain = covariance @ weighted
    noise = pixel * pixel * (gain @ gain.T)
    shape = covariance - noise
    shape[2, 2] += SIZE_STDDEV**2
    return PoseMeasurement(rotation, u, v, math.log(z), noise, shape)


def undistorted(points: NDArray[np.float32], camera: CameraModel) -> NDArray[np.float64]:
    """Convert points of an image, (N, 2) in pixel edges, to x / z and y / z, (N, 2).

    It corrects lens distortion of the models in DISTORTION_MODELS.
    """
    # Whole numbers are pixel edges in landmarks, and pixel centres in the principal point.
    rays = np.empty((len(points), 2))
    rays[:, 0] = (points[:, 0] - (0.5 + camera.cx)) / camera.fx
    rays[:, 1] = (points[:, 1] - (0.5 + camera.cy)) / camera.fy
    if not any(camera.distortion) or camera.distortion_model not in DISTORTION_MODELS:
        return rays
    undistort: Any = cv2.undistortPoints
    if camera.distortion_model == 'equidistant':
        undistort = cv2.fisheye.undistortPoints
    found = undistort(rays[:, None], np.eye(3), np.array(camera.distortion))
    return np.asarray(found, float).reshape(-1, 2)


def _orthographic(
    rays: NDArray[np.float64],
) -> tuple[NDArray[np.float64], float, float, float] | None:
    """Return rotation, u, v and z for scaled orthography. None if there is no solution."""
    xs, ys = (_ORTHOGRAPHIC @ rays).T.tolist()
    length_x = math.sqrt(xs[0] * xs[0] + xs[1] * xs[1] + xs[2] * xs[2])
    length_y = math.sqrt(ys[0] * ys[0] + ys[1] * ys[1] + ys[2] * ys[2])
    scale = 0.5 * (length_x + length_y)
    if not (math.isfinite(scale) and length_x > 0.0 and 0.0 < scale < 1.0 / _NEAREST):
        return None
    across = [part / length_x for part in xs[:3]]
    forward = cross(across, ys)
    length = math.sqrt(forward[0] ** 2 + forward[1] ** 2 + forward[2] ** 2)
    if length < 1e-6 * scale:
        return None
    forward = (forward[0] / length, forward[1] / length, forward[2] / length)
    return np.array([across, cross(forward, across), forward]), xs[3], ys[3], 1.0 / scale


def _jacobian(
    turned: list[list[float]], u: float, v: float, z: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the Jacobian of the rays by u, v, log z and the rotation, (10, 6), and the rays,
    (10,).

    It uses plain numbers: arrays of five points take twice as long.
    """
    rows: list[tuple[float, ...]] = []
    rays: list[float] = []
    for x, y, depth in turned:
        # In units of the distance of the point.
        inverse = 1.0 / (depth + z)
        x, y, depth, near = x * inverse, y * inverse, depth * inverse, z * inverse
        ray_x, ray_y = x + u * near, y + v * near
        rows.append((near, 0.0, near * (u - ray_x), -ray_x * y, depth + ray_x * x, -y))
        rows.append((0.0, near, near * (v - ray_y), -depth - ray_y * y, ray_y * x, x))
        rays += ray_x, ray_y
    return np.array(rows), np.array(rays)

"""People in front of a camera, drawn around the mean face, and their landmarks.

They have the differences in mean_face.py. The camera has 640x480 pixels and 60 degrees. Landmarks
have the noise of RetinaFace.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.scenes import HEIGHT, WIDTH
from fer_ros.core.pose.estimate import FACING, PIXEL_NOISE, RELATIVE_NOISE
from fer_ros.core.pose.mean_face import MEAN_FACE, SIZE_STDDEV, STDDEV
from fer_ros.core.pose.rotation import exp
from fer_ros.core.position import CameraModel
from fer_ros.core.types import Position

Array = NDArray[np.float64]

CAMERA = CameraModel.from_fov(WIDTH, HEIGHT, 60.0)

#: Relative standard deviation of a distance from a box, as in position.py.
DISTANCE_STDDEV = 0.08


class People:
    """Draws people and their detections, in a reproducible way."""

    def __init__(self, seed: int = 7) -> None:
        self.random = np.random.default_rng(seed)

    def person(self) -> Array:
        """Return the five points of a face in metres."""
        differences = self.random.normal(0.0, 1.0, (5, 3)) * STDDEV[:, None]
        size = 1.0 + self.random.normal(0.0, SIZE_STDDEV)
        return np.asarray((MEAN_FACE + differences) * size, float)

    def landmarks(self, person: Array, rotation: Array, position: Array) -> NDArray[np.float32]:
        """Return the detection of a person, in pixels."""
        points = person @ rotation.T + position
        pixels: Any = points[:, :2] / points[:, 2:] * (CAMERA.fx, CAMERA.fy)
        pixels += (CAMERA.cx + 0.5, CAMERA.cy + 0.5)
        eyes = np.hypot(*(pixels[1] - pixels[0]))
        noise = max(PIXEL_NOISE, RELATIVE_NOISE * eyes)
        return np.asarray(pixels + self.random.normal(0.0, noise, (5, 2)), np.float32)

    def distance(self, z: float) -> Position:
        """Return a position at this distance, as computed from a box."""
        found = z * (1.0 + self.random.normal(0.0, DISTANCE_STDDEV))
        return Position(0.0, 0.0, found, DISTANCE_STDDEV * found)


def turned(yaw: float, pitch: float, roll: float = 0.0) -> Array:
    """Return the rotation of a head in degrees, as HeadPose.angles."""
    about_z, about_y, about_x = np.radians([yaw, pitch, roll])
    rotation = exp(np.array([0.0, 0.0, about_z])) @ exp(np.array([0.0, about_y, 0.0]))
    return np.asarray(FACING @ rotation @ exp(np.array([about_x, 0.0, 0.0])), float)

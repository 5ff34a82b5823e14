"""The head pose in one frame."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from fer_ros.core.pose.estimate import FACING, measure_pose
from fer_ros.core.pose.mean_face import MEAN_FACE
from fer_ros.core.pose.rotation import exp, log, matrix_of, quaternion
from fer_ros.core.position import CameraModel

CAMERA = CameraModel.from_fov(640, 480, 60.0)


def turned(yaw: float, pitch: float, roll: float = 0.0) -> NDArray[np.float64]:
    about_z, about_y, about_x = np.radians([yaw, pitch, roll])
    return np.asarray(
        FACING
        @ exp(np.array([0.0, 0.0, about_z]))
        @ exp(np.array([0.0, about_y, 0.0]))
        @ exp(np.array([about_x, 0.0, 0.0])),
        float,
    )


def seen(
    rotation: NDArray[np.float64], place: tuple[float, float, float], camera: CameraModel = CAMERA
) -> NDArray[np.float32]:
    """Return the landmarks of the mean face, with distortion if the camera has some."""
    points = MEAN_FACE @ rotation.T + place
    matrix = np.array([[camera.fx, 0, camera.cx], [0, camera.fy, camera.cy], [0, 0, 1]])
    no_turn = np.zeros(3)
    found, _ = cv2.projectPoints(points, no_turn, no_turn, matrix, np.array(camera.distortion))
    return np.asarray(found.reshape(5, 2) + 0.5, np.float32)


@pytest.mark.parametrize('yaw', [-60, -30, 0, 30, 60])
@pytest.mark.parametrize('pitch', [-40, 0, 40])
@pytest.mark.parametrize('distance', [0.5, 1.0, 4.0])
def test_the_estimated_rotation_of_the_mean_face_is_correct(
    yaw: int, pitch: int, distance: float
) -> None:
    rotation = turned(yaw, pitch, 10.0)
    found = measure_pose(seen(rotation, (0.2 * distance, -0.1, distance)), CAMERA)
    assert found is not None
    # The prior draws back a little, most where a face is small.
    assert np.degrees(np.abs(log(found.rotation @ rotation.T))).max() < 1.5 + 1.5 * distance
    assert found.u == pytest.approx(0.2, abs=0.01)
    assert found.v == pytest.approx(-0.1 / distance, abs=0.01)
    assert np.exp(found.depth) == pytest.approx(distance, rel=0.03)


def test_a_head_turned_to_its_left_has_positive_yaw_and_faces_right_in_the_image() -> None:
    nose_goes_right = seen(turned(30.0, 0.0), (0.0, 0.0, 1.0))
    middle = nose_goes_right[:2].mean(0)
    assert nose_goes_right[2, 0] > middle[0]
    nose_goes_down = seen(turned(0.0, 30.0), (0.0, 0.0, 1.0))
    straight = seen(turned(0.0, 0.0), (0.0, 0.0, 1.0))
    assert nose_goes_down[2, 1] > straight[2, 1]


def test_the_covariance_includes_differences_between_people() -> None:
    from fer_ros.core.pose.mean_face import STDDEV

    random = np.random.default_rng(1)
    rotation = turned(20.0, 10.0)
    off, promised = [], []
    for _ in range(300):
        person = MEAN_FACE + random.normal(0.0, 1.0, (5, 3)) * STDDEV[:, None]
        points = person @ rotation.T + (0.0, 0.0, 1.0)
        pixels = points[:, :2] / points[:, 2:] * CAMERA.fx + (CAMERA.cx + 0.5, CAMERA.cy + 0.5)
        noise = random.normal(0.0, 0.97, (5, 2))
        found = measure_pose((pixels + noise).astype(np.float32), CAMERA)
        assert found is not None
        off.append(log(found.rotation @ rotation.T))
        promised.append((found.noise + found.shape)[3:, 3:].diagonal())
    ratio = np.sqrt(np.mean(np.square(off), axis=0) / np.mean(promised, axis=0))
    assert np.all((ratio > 0.8) & (ratio < 1.2)), ratio


def test_a_greater_distance_is_less_certain() -> None:
    near = measure_pose(seen(turned(20.0, 0.0), (0.0, 0.0, 0.7)), CAMERA)
    far = measure_pose(seen(turned(20.0, 0.0), (0.0, 0.0, 5.0)), CAMERA)
    assert near is not None
    assert far is not None
    assert (far.noise.diagonal()[3:] > 4 * near.noise.diagonal()[3:]).all()


@pytest.mark.parametrize(
    ('model', 'distortion'),
    [
        ('plumb_bob', (-0.3, 0.1, 0.001, -0.001, 0.0)),
        ('rational_polynomial', (-0.2, 0.05, 0.0, 0.0, 0.01, 0.02, 0.0, 0.0)),
    ],
)
def test_lens_distortion_is_corrected(model: str, distortion: tuple[float, ...]) -> None:
    camera = replace(CAMERA, distortion=distortion, distortion_model=model)
    place = (0.45, 0.3, 1.0)
    found = measure_pose(seen(turned(10.0, 5.0), place, camera), camera)
    assert found is not None
    assert (found.u, found.v) == pytest.approx(place[:2], abs=0.01)


def test_points_that_form_no_face_have_no_pose() -> None:
    assert measure_pose(np.full((5, 2), 100.0, np.float32), CAMERA) is None


def test_rotations_are_the_same_after_conversion() -> None:
    random = np.random.default_rng(2)
    for _ in range(100):
        vector = random.normal(0.0, 1.0, 3)
        vector *= min(1.0, 3.1 / np.linalg.norm(vector))
        matrix = exp(vector)
        assert log(matrix) == pytest.approx(vector, abs=1e-9)
        assert matrix_of(*quaternion(matrix)) == pytest.approx(matrix, abs=1e-12)

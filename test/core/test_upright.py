"""Rotation and mirroring of images for cameras that are mounted upside down or sideways."""

from __future__ import annotations

import numpy as np
import pytest

from fer_ros.core.pose.estimate import FACING, measure_pose
from fer_ros.core.pose.follow import HeadPoses
from fer_ros.core.pose.mean_face import MEAN_FACE
from fer_ros.core.pose.rotation import exp, matrix_of
from fer_ros.core.position import CameraModel
from fer_ros.core.types import Box, Crop, Face, FaceSet, Frame, Position
from fer_ros.core.upright import ROTATIONS, Upright

EVERY_WAY = [Upright(rotation, flip) for rotation in ROTATIONS for flip in (False, True)]

CAMERA = CameraModel(
    640, 480, 500.0, 520.0, 300.0, 250.0, (-0.1, 0.02, 0.001, -0.002, 0.0), 'plumb_bob'
)


@pytest.fixture
def picture():
    image = np.zeros((48, 64, 3), np.uint8)
    image[10, 20] = 255
    return Frame(image, 'bgr8', 5, 'eye')


@pytest.mark.parametrize('upright', EVERY_WAY)
def test_faces_found_upright_are_reported_in_image_coordinates(upright, picture):
    turned = upright.frame(picture)
    y, x = np.argwhere(turned.image[..., 0])[0].tolist()
    landmarks = np.full((5, 2), (x + 0.5, y + 0.5), np.float32)
    affine = np.array([[1, 0, -x], [0, 1, -y]], np.float32)
    crop = Crop(np.zeros((8, 8), np.uint8), affine)
    face = Face('a', Box(x, y, 1, 1), 0.9, landmarks, crop=crop)
    faces = FaceSet(5, 'eye', turned.width, turned.height, (face,))
    back = upright.back(faces, picture.width, picture.height)
    assert (back.image_width, back.image_height) == (64, 48)
    (found,) = back.faces
    assert found.box == Box(20, 10, 1, 1)
    assert found.landmarks == pytest.approx(np.full((5, 2), (20.5, 10.5)))
    centre = found.crop.affine @ (20.5, 10.5, 1)
    assert centre == pytest.approx((0.5, 0.5)), 'the crop is that of the upright picture'


@pytest.mark.parametrize('upright', EVERY_WAY)
def test_landmarks_begin_with_the_right_eye_for_every_rotation_and_flip(upright):
    # Of an upright image: the right eye of the person is on its left.
    landmarks = np.array([[20, 20], [30, 20], [25, 25], [21, 30], [29, 30]], np.float32)
    affine = np.array([[1, 0, 0], [0, 1, 0]], np.float32)
    crop = Crop(np.zeros((8, 8), np.uint8), affine)
    face = Face('a', Box(15, 10, 20, 25), 0.9, landmarks, crop=crop)
    width, height = (64, 48) if upright.rotation % 180 == 0 else (48, 64)
    (found,) = upright.back(FaceSet(5, 'eye', width, height, (face,)), 64, 48).faces
    in_crop = found.landmarks @ found.crop.affine[:, :2].T + found.crop.affine[:, 2]
    assert in_crop == pytest.approx(landmarks)


@pytest.mark.parametrize('upright', EVERY_WAY)
def test_the_upright_camera_model_matches_the_upright_image(upright):
    import cv2

    turned = upright.camera(CAMERA)
    points = np.random.default_rng(1).uniform((-0.4, -0.3, 1.0), (0.4, 0.3, 2.0), (20, 3))

    def pixels(camera, points):
        matrix = np.array([[camera.fx, 0, camera.cx], [0, camera.fy, camera.cy], [0, 0, 1]])
        nothing = np.zeros(3)
        distortion = np.array(camera.distortion)
        return cv2.projectPoints(points, nothing, nothing, matrix, distortion)[0][:, 0] + 0.5

    seen = pixels(CAMERA, points)
    axes = upright._axes()
    affine = upright._affine(CAMERA.width, CAMERA.height)
    expected = seen @ affine[:2, :2].T + affine[:2, 2]
    assert pixels(turned, points @ axes.T) == pytest.approx(expected, abs=1e-6)
    assert (turned.width, turned.height) == (
        (640, 480) if upright.rotation % 180 == 0 else (480, 640)
    )
    # So do the numbers of a rectified picture.
    assert turned.projection[0] == turned.fx
    assert turned.projection[2] == pytest.approx(turned.cx)


@pytest.mark.parametrize('upright', EVERY_WAY)
def test_poses_are_relative_to_the_mounted_camera(upright):
    """The pose of a head is relative to the turned camera."""
    rotation = FACING @ exp(np.array([0.0, 0.2, 0.4]))
    place = np.array([0.3, -0.1, 1.5])
    camera = CameraModel.from_fov(640, 480, 60.0)
    turned = upright.camera(camera)
    points = MEAN_FACE @ rotation.T + place
    landmarks = points[:, :2] / points[:, 2:] * turned.fx + (turned.cx + 0.5, turned.cy + 0.5)
    measured = measure_pose(landmarks.astype(np.float32), turned)
    position = Position(*place.tolist(), 0.1)
    pose = HeadPoses().update('a', measured, position, 0)
    face = Face('a', Box(0, 0, 9, 9), 0.9, position=position, head_pose=pose)
    faces = FaceSet(0, 'eye', turned.width, turned.height, (face,))
    (found,) = upright.back(faces, 640, 480).faces
    axes = upright._axes()
    for name, had, has in (
        ('position', place, (found.position.x, found.position.y, found.position.z)),
        ('head', pose.position, found.head_pose.position),
        ('forward', pose.forward, found.head_pose.forward),
    ):
        assert axes @ np.array(has) == pytest.approx(had, abs=1e-9), name
    turned_back = matrix_of(*found.head_pose.orientation)
    assert np.linalg.det(turned_back) == pytest.approx(1.0)
    up = axes @ turned_back[:, 2]
    assert up == pytest.approx(matrix_of(*pose.orientation)[:, 2], abs=1e-9)
    assert np.linalg.eigvalsh(found.head_pose.covariance) == pytest.approx(
        np.linalg.eigvalsh(pose.covariance), abs=1e-12
    )


def test_an_upright_image_is_not_changed(picture):
    upright = Upright()
    faces = FaceSet(5, 'eye', 64, 48)
    assert upright.frame(picture) is picture
    assert upright.camera(CAMERA) is CAMERA
    assert upright.back(faces, 64, 48) is faces


def test_a_rotation_that_is_not_a_multiple_of_90_degrees_is_refused():
    with pytest.raises(ValueError, match='rotation is 45: it must be one of 0, 90, 180, 270'):
        Upright(45)

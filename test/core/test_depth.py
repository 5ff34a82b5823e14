"""Distances of faces in rendered depth images with noise, holes and people in the background."""

from __future__ import annotations

import numpy as np
import pytest

from fer_ros.core.depth import DepthBuffer, DepthImage, position_from_depth
from fer_ros.core.position import CameraModel
from fer_ros.core.types import Box

CAMERA = CameraModel.from_fov(640, 480, 60.0)
BOX = Box(350.0, 150.0, 100.0, 130.0)
SECOND = 1_000_000_000


def rendered(z: float = 1.5, noise: float = 0.0, holes: float = 0.0, seed: int = 1):
    """Return the depth of a face that bulges towards the camera, and of a wall 2 m behind it."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:480, :640] + 0.5
    across, down = (x - BOX.center[0]) / (BOX.width / 2), (y - BOX.center[1]) / (BOX.height / 2)
    inside = across**2 + down**2
    relief = 0.03 * (inside - 0.25)
    depth = np.where(inside < 1.0, z + relief, z + 2.0)
    depth += random.normal(0.0, 1.0, depth.shape) * noise * depth
    depth[random.uniform(size=depth.shape) < holes] = 0.0
    return depth.astype(np.float32)


@pytest.mark.parametrize('z', [0.5, 1.5, 4.0])
@pytest.mark.parametrize('noise', [0.0, 0.02])
@pytest.mark.parametrize('holes', [0.0, 0.7])
def test_the_distance_is_found_with_noise_and_holes(z, noise, holes):
    found = position_from_depth(BOX, CAMERA, rendered(z, noise, holes))
    assert found is not None
    assert found.z == pytest.approx(z, abs=0.015 + 0.005 * z)
    ray = (BOX.center[0] - 0.5 - CAMERA.cx) / CAMERA.fx
    assert found.x == pytest.approx(ray * found.z)
    assert abs(found.z - z) < 3 * found.stddev


def test_a_hand_in_front_and_a_wall_behind_are_ignored():
    depth = rendered()
    depth[150:280, 350:375] = 0.6
    depth[150:280, 425:450] = 3.5
    assert position_from_depth(BOX, CAMERA, depth).z == pytest.approx(1.5, abs=0.02)


def test_millimetres_and_another_resolution_are_read():
    millimetres = (rendered()[::2, ::2] * 1000).astype(np.uint16)
    assert position_from_depth(BOX, CAMERA, millimetres).z == pytest.approx(1.5, abs=0.02)


@pytest.mark.parametrize('nothing', [0.0, np.nan, np.inf])
def test_without_depth_there_is_no_position(nothing):
    depth = np.full((480, 640), nothing, np.float32)
    assert position_from_depth(BOX, CAMERA, depth) is None
    few = rendered(holes=0.95)
    assert position_from_depth(BOX, CAMERA, few) is None


def test_a_face_beyond_the_border_has_no_depth():
    assert position_from_depth(Box(700.0, 100.0, 100.0, 130.0), CAMERA, rendered()) is None


def test_the_nearest_depth_image_within_the_tolerance_is_used():
    buffer = DepthBuffer(0.05)
    assert buffer.at(0) is None
    images = [DepthImage(rendered(), index * SECOND // 30) for index in range(5)]
    for image in images:
        buffer.add(image)
    assert buffer.at(2 * SECOND // 30 + 5_000_000) is images[2]
    assert buffer.at(4 * SECOND // 30 + 49_000_000) is images[4]
    assert buffer.at(4 * SECOND // 30 + 51_000_000) is None

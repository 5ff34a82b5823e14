"""CameraView: frames turned upright, and their camera."""

from __future__ import annotations

import numpy as np
import pytest

from fer_ros.core.position import CameraModel
from fer_ros.core.types import Frame
from fer_ros.core.upright import Upright
from fer_ros.core.view import CameraView


def frame(width: int, height: int) -> Frame:
    return Frame(np.zeros((height, width), np.uint8), 'mono8', 0)


def test_a_frame_is_turned_and_its_camera_with_it():
    turned, camera = CameraView(Upright(90), None, 60.0).of(frame(64, 48))
    assert (turned.width, turned.height) == (camera.width, camera.height) == (48, 64)
    assert camera.fy == pytest.approx(CameraModel.from_fov(64, 48, 60.0).fx)


def test_the_camera_is_computed_once_for_each_size():
    view = CameraView(Upright(), CameraModel.from_fov(640, 480, 90.0), 60.0)
    _, small = view.of(frame(320, 240))
    assert view.of(frame(320, 240))[1] is small
    assert small.fx == pytest.approx(160.0), 'the calibration, not the field of view'
    _, large = view.of(frame(640, 480))
    assert large.fx == pytest.approx(320.0)

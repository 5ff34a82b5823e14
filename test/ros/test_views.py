"""Overlay and markers in every bring-up: in processes, in one, and at the edge of two hosts."""

from __future__ import annotations

import os

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')
pytest.importorskip('visualization_msgs.msg', reason='visualization_msgs is not installed')

from sensor_msgs.msg import Image
from support.clips import face_at, write_clip
from support.robot import Robot
from visualization_msgs.msg import Marker, MarkerArray

from fer_ros.core.display.palette import COLOURS
from fer_ros.ros.bringup.plan import plan
from fer_ros.ros.messages import frame_from_image

BRING_UPS = {
    'processes': [('pipeline', {'overlay': 'true', 'markers': 'true'})],
    'single process': [
        ('pipeline', {'overlay': 'true', 'markers': 'true', 'single_process': 'true'})
    ],
    'two hosts': [('edge', {'overlay': 'true'}), ('compute', {'markers': 'true'})],
}


@pytest.fixture(scope='module')
def clip(photographs, tmp_path_factory):
    stills = face_at(photographs, [(320, 240)] * 10)
    path = tmp_path_factory.mktemp('clip') / 'face.avi'
    return write_clip(path, (still.image for still in stills), 10.0)


@pytest.fixture(params=BRING_UPS)
def robot(request, clip, tmp_path):
    environment = {
        name: value for name, value in os.environ.items() if 'PROFILES_FILE' not in name
    }
    processes = []
    for launch, arguments in BRING_UPS[request.param]:
        given = dict(arguments)
        if launch != 'compute':
            given['source'] = str(clip)
        processes += plan(launch, given, environment)
    with Robot(processes, tmp_path) as robot:
        yield robot


def test_a_smile_is_visible_in_overlay_and_markers(robot):
    overlays = robot.listen(Image, 'overlay')
    arrays = robot.listen(MarkerArray, 'markers')

    def happy(message):
        image = frame_from_image(message).image
        return np.all(image == COLOURS['happy'], axis=2).sum() > 500

    robot.wait_for(lambda: overlays and happy(overlays[-1]), 'a happy face on the overlay')
    box = robot.wait_for(
        lambda: next(
            (
                m
                for array in arrays
                for m in array.markers
                if m.type == Marker.CUBE and m.action == Marker.ADD
            ),
            None,
        ),
        'a marker',
    )
    assert box.header.frame_id == overlays[-1].header.frame_id == 'camera_optical_frame'
    assert box.pose.position.x == pytest.approx(0.0, abs=0.05)
    assert 0.2 < box.pose.position.z < 3.0
    assert set(robot.stop().values()) == {0}
    assert 'Traceback' not in robot.logs()

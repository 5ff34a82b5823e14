"""Markers: their positions, and that they are deleted with the face."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')
pytest.importorskip('visualization_msgs.msg', reason='visualization_msgs is not installed')

from support.nodes import emotion_set, face_emotion, node_process
from support.robot import Robot
from visualization_msgs.msg import Marker, MarkerArray

from fer_msgs.msg import FaceEmotionArray
from fer_ros.core.display.palette import COLOURS
from fer_ros.core.position import FACE_WIDTH
from fer_ros.core.types import HeadPose, Position
from fer_ros.ros import messages
from fer_ros.ros.messages.markers import MarkerMaker

NEAR, FAR = Position(0.1, -0.2, 0.8, 0.05), Position(-0.5, 0.0, 2.5, 0.2)
NODE = 'marker_node'


@pytest.fixture
def maker() -> MarkerMaker:
    return MarkerMaker(1.5)


def of(array: MarkerArray, action: int) -> list[tuple[str, int]]:
    return sorted((marker.ns, marker.id) for marker in array.markers if marker.action == action)


def test_a_face_is_a_box_of_its_size_with_a_text_above(maker):
    box, text = maker.update(emotion_set(7, face_emotion('fq1', 'sad', position=NEAR))).markers
    for marker in (box, text):
        assert (marker.header.stamp.nanosec, marker.header.frame_id) == (7, 'eye')
        assert marker.action == Marker.ADD
        assert (marker.lifetime.sec, marker.lifetime.nanosec) == (1, 500_000_000)
        assert marker.pose.orientation.w == 1.0
    assert box.type == Marker.CUBE
    assert (box.pose.position.x, box.pose.position.y, box.pose.position.z) == (0.1, -0.2, 0.8)
    assert (box.scale.x, box.scale.z) == (FACE_WIDTH, FACE_WIDTH)
    assert box.scale.y > FACE_WIDTH, 'y is the height in an optical frame'
    blue, green, red = COLOURS['sad']
    assert (box.color.r * 255, box.color.g * 255, box.color.b * 255) == pytest.approx(
        (red, green, blue), abs=0.01
    )
    assert text.type == Marker.TEXT_VIEW_FACING
    assert text.text == 'sad 80%\nfq1'
    assert text.pose.position.y < box.pose.position.y - box.scale.y / 2, 'y points down'
    assert text.color.a == 1.0


def test_an_uncertain_face_is_grey_and_has_a_question_mark(maker):
    face = face_emotion('fq1', 'sad', position=NEAR, uncertain=True)
    box, text = maker.update(emotion_set(7, face)).markers
    assert text.text == 'sad? 80%\nfq1'
    assert box.color.r == box.color.g == box.color.b


def test_each_face_keeps_its_marker_numbers(maker):
    first = maker.update(
        emotion_set(1, face_emotion('fa', position=NEAR), face_emotion('fb', position=FAR))
    )
    again = maker.update(
        emotion_set(2, face_emotion('fb', position=FAR), face_emotion('fa', position=NEAR))
    )
    assert (
        of(first, Marker.ADD)
        == of(again, Marker.ADD)
        == [('faces', 0), ('faces', 1), ('labels', 0), ('labels', 1)]
    )

    def numbers(array):
        return {marker.text: marker.id for marker in array.markers if marker.text}

    assert numbers(first) == numbers(again) == {'happy 80%\nfa': 0, 'happy 80%\nfb': 1}


def test_markers_of_a_lost_face_are_deleted_once(maker):
    maker.update(
        emotion_set(1, face_emotion('fa', position=NEAR), face_emotion('fb', position=FAR))
    )
    gone = maker.update(emotion_set(2, face_emotion('fb', position=FAR)))
    assert of(gone, Marker.DELETE) == [('faces', 0), ('labels', 0)]
    assert of(gone, Marker.ADD) == [('faces', 1), ('labels', 1)]
    assert of(maker.update(emotion_set(3)), Marker.DELETE) == [('faces', 1), ('labels', 1)]
    assert maker.update(emotion_set(4)).markers == []


@pytest.mark.parametrize('position', [None, Position(math.nan, 0.0, 1.0, math.nan)])
def test_a_face_without_a_position_has_no_marker(maker, position):
    assert maker.update(emotion_set(1, face_emotion('fa', position=position))).markers == []


def test_markers_are_deleted_when_a_face_loses_its_position(maker):
    maker.update(emotion_set(1, face_emotion('fa', position=NEAR)))
    assert of(maker.update(emotion_set(2, face_emotion('fa'))), Marker.DELETE) == [
        ('faces', 0),
        ('labels', 0),
    ]


def test_axes_appear_and_disappear_with_the_head_pose(maker):
    face = face_emotion('fa', position=NEAR)
    pose = HeadPose((0.1, -0.2, 0.8), (0.0, 0.0, 0.0, 1.0), np.eye(6))
    turned = maker.update(emotion_set(1, replace(face, head_pose=pose)))
    assert of(turned, Marker.ADD) == [('faces', 0), ('heads', 0), ('labels', 0)]
    without = maker.update(emotion_set(2, face))
    assert of(without, Marker.DELETE) == [('heads', 0)]
    maker.update(emotion_set(3, replace(face, head_pose=pose)))
    assert of(maker.update(emotion_set(4)), Marker.DELETE) == [
        ('faces', 0),
        ('heads', 0),
        ('labels', 0),
    ]


def test_the_node_publishes_markers_and_deletes_them_when_it_stops(tmp_path):
    with Robot([node_process(NODE)], tmp_path) as robot:
        robot.wait_for_state(NODE, 'active')
        arrays = robot.listen(MarkerArray, 'markers')
        emotions = robot.publisher(FaceEmotionArray, 'face_emotions')
        message = messages.emotion_array(
            emotion_set(9, face_emotion('fq1', 'happy', position=NEAR))
        )
        robot.wait_for(
            lambda: any(array.markers for array in arrays) or emotions.publish(message), 'markers'
        )
        box, text = next(array.markers for array in arrays if array.markers)
        assert box.header == message.header
        assert text.text == 'happy 80%\nfq1'
        robot.accept(NODE, lifetime=5.0)
        robot.wait_for(
            lambda: (
                any(m.lifetime.sec == 5 for a in arrays for m in a.markers)
                or emotions.publish(message)
            ),
            'the new lifetime',
        )
        lost = messages.emotion_array(emotion_set(10, face_emotion('fq1'), frame_id=''))
        emotions.publish(lost)
        status = robot.wait_for_status(NODE, lambda s: s.level == b'\2', 'ERROR')
        assert 'the images have no frame_id' in status.message
        assert all(marker.header.frame_id for array in arrays for marker in array.markers)
        robot.wait_for_status(
            NODE, lambda s: s.level != b'\2' or emotions.publish(message), 'no ERROR'
        )
        assert robot.transition(NODE, 'deactivate')
        robot.wait_for(lambda: of(arrays[-1], Marker.DELETEALL), 'deletion of all')
        assert robot.stop() == {NODE: 0}

"""Detection2DArray and LabelInfo."""

from __future__ import annotations

import math

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from support.nodes import NAMES, emotion_set, face_emotion

from fer_ros.core.types import Box, Position
from fer_ros.ros.adapters.vision import VisionMessages

FACE = face_emotion('f3x1', 'sad', Box(10, 20, 60, 80), Position(0.1, -0.2, 1.5, 0.3))


def test_a_detection_has_box_id_and_classes_by_probability(vision_msgs):
    message = VisionMessages(vision_msgs).detections(emotion_set(9, FACE))
    assert (message.header.stamp.nanosec, message.header.frame_id) == (9, 'eye')
    (detection,) = message.detections
    assert detection.header == message.header
    assert detection.id == 'f3x1'
    center = detection.bbox.center
    assert (center.position.x, center.position.y, center.theta) == (40, 60, 0)
    assert (detection.bbox.size_x, detection.bbox.size_y) == (60, 80)
    assert len(detection.results) == len(NAMES)
    best = detection.results[0].hypothesis
    assert NAMES[int(best.class_id)] == 'sad'
    assert best.score == pytest.approx(0.8)
    assert sum(result.hypothesis.score for result in detection.results) == pytest.approx(1.0)


def test_a_position_becomes_the_pose_with_its_variance(vision_msgs):
    (detection,) = VisionMessages(vision_msgs).detections(emotion_set(9, FACE)).detections
    pose = detection.results[0].pose
    assert (pose.pose.position.x, pose.pose.position.y, pose.pose.position.z) == (0.1, -0.2, 1.5)
    assert pose.covariance[14] == pytest.approx(0.09)


def test_an_unknown_position_is_nan_and_not_the_origin(vision_msgs):
    (detection,) = (
        VisionMessages(vision_msgs).detections(emotion_set(9, face_emotion())).detections
    )
    assert math.isnan(detection.results[0].pose.pose.position.z)


def test_label_info_names_every_class(vision_msgs):
    message = VisionMessages(vision_msgs).label_info(emotion_set(9))
    assert [(entry.class_id, entry.class_name) for entry in message.class_map] == list(
        enumerate(NAMES)
    )
    assert message.threshold == 0.0


def test_an_empty_set_is_an_empty_array(vision_msgs):
    assert list(VisionMessages(vision_msgs).detections(emotion_set(9)).detections) == []

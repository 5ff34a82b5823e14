"""Annotations for Foxglove's image panel."""

from __future__ import annotations

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from support.nodes import emotion_set, face_emotion

from fer_ros.core.display.palette import COLOURS
from fer_ros.core.types import Box
from fer_ros.ros.adapters.foxglove import FoxgloveMessages

FACE = face_emotion('f3x1', 'sad', Box(10, 20, 60, 80))


def test_a_face_is_a_closed_box_and_a_text_in_its_colour(foxglove_msgs):
    message = FoxgloveMessages(foxglove_msgs).annotations(emotion_set(9, FACE))
    (box,), (text,) = message.points, message.texts
    assert box.type == foxglove_msgs.PointsAnnotation.LINE_LOOP
    assert [(point.x, point.y) for point in box.points] == [
        (10, 20),
        (70, 20),
        (70, 100),
        (10, 100),
    ]
    blue, green, red = COLOURS['sad']
    for colour in (box.outline_color, text.background_color):
        assert (colour.r * 255, colour.g * 255, colour.b * 255, colour.a) == pytest.approx(
            (red, green, blue, 1)
        )
    assert text.text == 'sad 80% f3x1'
    assert (text.position.x, text.position.y) == (10, 20)
    assert text.font_size > 0 < box.thickness


def test_an_uncertain_face_is_grey_and_has_a_question_mark(foxglove_msgs):
    face = face_emotion('f3x1', 'sad', uncertain=True)
    message = FoxgloveMessages(foxglove_msgs).annotations(emotion_set(9, face))
    assert message.texts[0].text == 'sad? 80% f3x1'
    colour = message.points[0].outline_color
    assert colour.r == colour.g == colour.b


def test_all_annotations_have_the_image_stamp(foxglove_msgs):
    message = FoxgloveMessages(foxglove_msgs).annotations(emotion_set(9, FACE))
    for part in (message, message.points[0], message.texts[0]):
        assert part.timestamp.nanosec == 9


def test_an_empty_set_clears_the_annotations(foxglove_msgs):
    message = FoxgloveMessages(foxglove_msgs).annotations(emotion_set(9))
    assert not message.points
    assert not message.texts

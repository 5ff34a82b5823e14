"""Arbitrary messages: a contradiction is a FerError, and the others are processed."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from hypothesis import given
from hypothesis import strategies as st
from support import messages as made
from support.fuzzing import fuzzed

from fer_ros.core.classification import load_classifier
from fer_ros.core.detection.base import FaceDetector
from fer_ros.core.display.drawing import DrawingConfig, draw_emotions
from fer_ros.core.errors import FerError
from fer_ros.core.models import DEFAULT_MODEL, ModelStore
from fer_ros.core.pipeline import EmotionStage, FaceStage
from fer_ros.core.types import Box, Detection
from fer_ros.ros import messages

#: Landmarks of a frontal face, in widths and heights of its box.
LANDMARKS = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]])


class OneFace(FaceDetector):
    """Finds a face with landmarks at the place that a test sets."""

    name = 'one face'

    def __init__(self, box: Box) -> None:
        self.box = box

    def detect(self, frame, scale=1.0, confidence=None):
        box = self.box
        landmarks = (box.x, box.y) + LANDMARKS * (box.width, box.height)
        return [Detection(box, 1.0, landmarks.astype(np.float32))]


@pytest.fixture(scope='module')
def emotion_stage():
    return EmotionStage(load_classifier(ModelStore().load_card(DEFAULT_MODEL)))


@fuzzed
@given(made.images())
def test_an_image_becomes_a_frame_or_an_error(message):
    try:
        frame = messages.frame_from_image(message)
    except FerError:
        return
    assert frame.image.shape[:2] == (message.height, message.width)
    assert int(frame.image[-1, -1].sum()) >= 0


boxes = st.builds(
    Box,
    x=st.floats(-1e4, 1e4),
    y=st.floats(-1e4, 1e4),
    width=st.floats(1, 1e4),
    height=st.floats(1, 1e4),
)


@fuzzed
@given(made.camera_infos, boxes, made.times)
def test_any_camera_and_region_give_a_message_of_faces_or_an_error(info, box, time):
    image = made.Image(width=8, height=6, step=8, encoding='mono8', data=made.bytes_of(bytes(48)))
    image.header.stamp = time
    spec = ModelStore().load_card(DEFAULT_MODEL).crop_spec
    try:
        stage = FaceStage(OneFace(box), spec)
        camera = messages.camera_from_info(info)
        messages.face_array(stage.process(messages.frame_from_image(image), camera))
    except FerError:
        return


@fuzzed
@given(made.face_arrays)
def test_any_faces_are_classified_or_an_error(emotion_stage, message):
    try:
        result = emotion_stage.process(messages.face_set(message))
    except FerError:
        return
    assert len(result.emotions.faces) + result.unclassified == len(message.faces)
    messages.emotion_array(result.emotions)
    for event in result.events:
        messages.event_message(event)


@fuzzed
@given(made.emotion_arrays)
def test_any_expressions_give_a_drawing_and_messages_or_an_error(message):
    from fer_ros.ros.messages.markers import MarkerMaker

    try:
        emotions = messages.emotion_set(message)
    except FerError:
        return
    draw_emotions(np.zeros((48, 64, 3), np.uint8), emotions, DrawingConfig())
    maker = MarkerMaker(1.0)
    maker.update(emotions)
    maker.clear()
    messages.emotion_array(emotions)


@fuzzed
@given(made.attention_events)
def test_any_attention_event_is_read_and_written_or_an_error(message):
    try:
        event = messages.attention_event(message)
    except FerError:
        return
    messages.attention_message(event)


@given(made.expression_events)
def test_any_event_is_read_and_written_or_an_error(message):
    try:
        event = messages.expression_event(message)
    except FerError:
        return
    messages.event_message(event)

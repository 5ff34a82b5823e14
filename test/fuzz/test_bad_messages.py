"""Bad messages and parameters for running nodes are reported, counted and skipped."""

from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from support.nodes import emotion_set, face_emotion
from support.robot import Robot, start
from visualization_msgs.msg import MarkerArray

from fer_msgs.msg import ExpressionEvent, Face, FaceArray, FaceEmotionArray
from fer_ros.core.types import Frame, Position
from fer_ros.robot import Faces
from fer_ros.ros import messages
from fer_ros.ros.contract import NODES, Applies

DETECTOR, CLASSIFIER, MARKER = 'face_detector_node', 'emotion_classifier_node', 'marker_node'
FRAME = Frame(np.zeros((48, 64, 3), np.uint8), 'bgr8', 1_000_000_000)


@pytest.fixture(scope='module')
def robot(tmp_path_factory):
    nodes = (DETECTOR, CLASSIFIER, MARKER)
    with start(tmp_path_factory.mktemp('robot'), nodes=nodes, markers='true') as robot:
        for node in nodes:
            robot.wait_for_state(node, 'active')
        yield robot


def count(robot: Robot, node: str, name: str) -> int:
    status = robot.wait_for_status(node, lambda s: True, 'any')
    return int({value.key: value.value for value in status.values}.get(name, 0))


def send_until_counted(robot: Robot, publisher, message, node: str, name: str) -> None:
    before = count(robot, node, name)

    def counted() -> bool:
        publisher.publish(message)
        return count(robot, node, name) > before

    robot.wait_for(counted, f'{name} of {node} counted')


def good_image() -> Image:
    return messages.ImageBuffer().fill(FRAME)


BAD_IMAGES = {
    'no pixels': Image(encoding='bgr8'),
    'step too short': Image(width=640, height=480, step=1, encoding='bgr8', data=bytes(640)),
    'cut short': Image(width=640, height=480, step=1920, encoding='bgr8', data=bytes(1920)),
    'huge': Image(width=2**32 - 1, height=2**32 - 1, step=2**32 - 1, encoding='mono8'),
    'odd encoding': Image(width=1, height=1, step=2, encoding='\u202e?', data=bytes(2)),
}


@pytest.mark.parametrize('name', BAD_IMAGES)
def test_a_bad_image_is_counted_and_the_next_good_one_is_searched(robot, name):
    faces = robot.listen(FaceArray, 'faces')
    publisher = robot.publisher(Image, 'image_raw')
    send_until_counted(robot, publisher, BAD_IMAGES[name], DETECTOR, 'bad_images')

    def searched() -> bool:
        publisher.publish(good_image())
        return bool(faces)

    robot.wait_for(searched, 'faces of a good image')


def test_a_camera_info_with_invalid_numbers_is_counted_and_the_node_continues(robot):
    info = CameraInfo(width=64, height=48)
    info.k = np.array([1.0, 0, math.nan, 0, 1.0, math.nan, 0, 0, 1])
    publisher = robot.publisher(CameraInfo, 'camera_info')
    send_until_counted(robot, publisher, info, DETECTOR, 'bad_messages')
    assert robot.state(DETECTOR) == 'active'


def test_faces_with_contradictory_crops_are_counted(robot):
    message = FaceArray(image_width=64, image_height=48, crop_geometry='fer2013')
    for encoding in ('mono8', 'bgr8'):
        face = Face(face_id=encoding)
        face.crop = Image(width=4, height=4, step=12, encoding=encoding, data=bytes(48))
        message.faces.append(face)
    publisher = robot.publisher(FaceArray, 'faces')
    send_until_counted(robot, publisher, message, CLASSIFIER, 'bad_faces')


def test_expressions_with_too_few_numbers_are_counted_and_the_next_message_is_processed(robot):
    markers = robot.listen(MarkerArray, 'markers')
    good = messages.emotion_array(
        emotion_set(2_000_000_000, face_emotion(position=Position(0.0, 0.0, 1.0, 0.1)))
    )
    bad = messages.emotion_array(emotion_set(1_000_000_000, face_emotion()))
    bad.faces[0].attribute_names = ['one', 'two', 'three']
    publisher = robot.publisher(FaceEmotionArray, 'face_emotions')
    send_until_counted(robot, publisher, bad, MARKER, 'bad_messages')

    def marked() -> bool:
        publisher.publish(good)
        return any(message.markers for message in markers)

    robot.wait_for(marked, 'markers of good expressions')
    robot.wait_for_status(MARKER, lambda s: s.level == b'\0', 'the fault is over')


def test_a_robot_program_survives_invalid_messages(robot):
    faces = Faces(robot.node)
    told = []
    faces.on_appeared(told.append)
    events = robot.publisher(ExpressionEvent, 'expression_events')
    emotions = robot.publisher(FaceEmotionArray, 'face_emotions', 2)
    bad = messages.emotion_array(emotion_set(1, face_emotion()))
    bad.class_names = ['one']
    for _ in range(3):
        events.publish(ExpressionEvent(type=77))
        emotions.publish(bad)
    robot.wait_for(
        lambda: events.publish(ExpressionEvent(type=1, face_id='f1')) or told, 'an event'
    )
    assert {event.face_id for event in told} == {'f1'}
    faces.close()


WILD = [
    math.nan,
    math.inf,
    -1.0,
    1e308,
    2**62,
    -(2**62),
    True,
    '',
    'x' * 10_000,
    '\u202e\n\t',
    ['a'],
    [''] * 100,
    [1.5],
]


@pytest.mark.parametrize('node', [DETECTOR, CLASSIFIER, MARKER])
def test_any_parameter_value_is_accepted_or_refused_with_a_reason(robot, node):
    names = [p.name for p in NODES[node].parameters if p.applies is not Applies.START]
    before = {name: robot.get_parameter(node, name) for name in names}
    request = SetParameters.Request(
        parameters=[
            Parameter(name, value=value).to_parameter_msg() for name in names for value in WILD
        ]
    )
    results = robot.call(SetParameters, f'{node}/set_parameters', request).results
    assert len(results) == len(names) * len(WILD)
    assert all(result.successful or result.reason for result in results)
    robot.accept(node, **before)
    assert robot.state(node) == 'active'


def test_bytes_that_are_not_a_picture_are_counted(robot):
    assert robot.transition(DETECTOR, 'deactivate')
    assert robot.transition(DETECTOR, 'cleanup')
    robot.accept(DETECTOR, image_transport='compressed')
    assert robot.transition(DETECTOR, 'configure')
    assert robot.transition(DETECTOR, 'activate')
    publisher = robot.publisher(CompressedImage, 'image_raw/compressed')
    for data in (b'', b'\xff\xd8\xff\xd9', b'\x89PNG\r\n\x1a\n' + bytes(40)):
        message = CompressedImage(format='jpeg', data=list(data))
        send_until_counted(robot, publisher, message, DETECTOR, 'bad_images')
    assert robot.state(DETECTOR) == 'active'

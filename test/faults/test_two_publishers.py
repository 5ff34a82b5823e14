"""Two cameras or two edges on one topic, because they have no namespaces."""

from __future__ import annotations

import itertools

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from sensor_msgs.msg import Image

from fer_msgs.msg import ExpressionEvent, FaceArray, FaceEmotionArray
from fer_ros.core.types import Frame
from fer_ros.ros.messages import ImageBuffer, header, stamp_from_time

DETECTOR, CLASSIFIER = 'face_detector_node', 'emotion_classifier_node'
TOPIC = '/usb_cam/image_raw'
MILLISECOND = 1_000_000


@pytest.fixture(scope='module')
def robot(bring_up):
    robot = bring_up(image_topic=TOPIC)
    for node in (DETECTOR, CLASSIFIER):
        robot.wait_for_state(node, 'active')
    return robot


def feed(robot, publishers, make, results, count):
    """Publish in turn every 20 ms, the second with stamps 5 ms behind, until results arrive."""
    stamp = robot.node.get_clock().now().nanoseconds
    turn = itertools.count()
    start = len(results)

    def step():
        nonlocal stamp
        number = next(turn)
        stamp += 20 * MILLISECOND
        late = 25 * MILLISECOND * (number % 2)
        publishers[number % 2].publish(make(stamp - late))
        return len(results) >= start + count

    robot.wait_for(step, 'results')
    return results[start:]


def test_two_cameras_on_one_topic_are_named_and_late_frames_change_no_id(robot, picture):
    publishers = [robot.publisher(Image, TOPIC) for _ in range(2)]
    faces = robot.listen(FaceArray, 'faces')
    buffers = ImageBuffer()

    def make(stamp):
        return buffers.fill(Frame(picture, 'bgr8', stamp, 'eye'))

    heard = feed(robot, publishers, make, faces, 30)
    stamps = [stamp_from_time(message.header.stamp) for message in heard]
    assert stamps == sorted(set(stamps)), 'results never go back in time'
    ids = {face.face_id for message in heard[2:] for face in message.faces}
    assert len(ids) == 1
    assert 'time jumped back' not in robot.log(DETECTOR)

    def told(status) -> bool:
        feed(robot, publishers, make, faces, 1)
        return status.level == b'\1' and '2 publish' in status.message

    status = robot.wait_for_status(DETECTOR, told, 'WARN')
    assert TOPIC in status.message
    assert 'namespace' in status.message

    def late(status) -> bool:
        # On a busy machine, the newest image is often the earlier one, and no image is late.
        feed(robot, publishers, make, faces, 1)
        return any(value.key == 'dropped_late' for value in status.values)

    robot.wait_for_status(DETECTOR, late, 'images that came late')
    for publisher in publishers:
        robot.node.destroy_publisher(publisher)


def test_two_edges_on_one_topic_are_named_and_events_are_not_repeated(robot):
    publishers = [robot.publisher(FaceArray, 'faces', 2) for _ in range(2)]
    events = robot.listen(ExpressionEvent, 'expression_events')
    emotions = robot.listen(FaceEmotionArray, 'face_emotions')

    def make(stamp):
        return FaceArray(header=header(stamp, 'eye'), image_width=640, image_height=480)

    heard = feed(robot, publishers, make, emotions, 20)
    stamps = [stamp_from_time(message.header.stamp) for message in heard]
    assert stamps == sorted(set(stamps))
    assert not events

    def told(status) -> bool:
        feed(robot, publishers, make, emotions, 1)
        return status.level == b'\1' and 'publish' in status.message

    status = robot.wait_for_status(CLASSIFIER, told, 'WARN')
    assert 'namespace' in status.message

"""overlay_node over DDS: boxes on their images, and no work without a subscriber."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

import cv2
from sensor_msgs.msg import CompressedImage, Image
from support.nodes import emotion_set, face_emotion, node_process
from support.robot import Robot

from fer_msgs.msg import FaceEmotionArray
from fer_ros.core.display.palette import COLOURS
from fer_ros.core.types import Frame
from fer_ros.ros import messages
from fer_ros.ros.messages import stamp_from_time

NODE = 'overlay_node'
SECOND = 1_000_000_000
FACE = face_emotion('fq1', 'happy')


@pytest.fixture
def robot(tmp_path):
    with Robot([node_process(NODE, max_delay=0.5)], tmp_path) as robot:
        robot.wait_for_state(NODE, 'active')
        yield robot


class Edge:
    """A camera and a classifier. Each message is sent until it has had its effect."""

    def __init__(self, robot) -> None:
        self.robot = robot
        self.overlays = robot.listen(Image, 'overlay')
        self.images = robot.publisher(Image, 'image_raw')
        self.emotions = robot.publisher(FaceEmotionArray, 'face_emotions')

    def image(self, stamp: int, level: int = 90) -> Image:
        picture = np.full((480, 640, 3), level, np.uint8)
        return messages.ImageBuffer().fill(Frame(picture, 'bgr8', stamp, 'eye'))

    def shown(self, stamp: int):
        return next((m for m in self.overlays if stamp_from_time(m.header.stamp) == stamp), None)

    def send(self, messages, wanted):
        """Send messages in this order until an overlay has the wanted stamp; return it."""

        def sent():
            found = self.shown(wanted)
            if found is None:
                for message in messages:
                    (self.images if isinstance(message, Image) else self.emotions).publish(message)
            return found

        return self.robot.wait_for(sent, f'overlay of {wanted}')


def happy_pixels(message: Image) -> int:
    image = messages.frame_from_image(message).image
    return int(np.all(image == COLOURS['happy'], axis=2).sum())


def test_the_node_subscribes_only_while_it_has_subscribers(robot):
    def subscriptions():
        return [robot.node.count_subscribers(name) for name in ('image_raw', 'face_emotions')]

    assert subscriptions() == [0, 0]
    robot.wait_for_status(
        NODE, lambda s: s.message == 'there is no subscriber', 'there is no subscriber'
    )
    watcher = robot.node.create_subscription(Image, 'overlay', lambda m: None, 1)
    robot.wait_for(lambda: subscriptions() == [1, 1], 'subscriptions')
    robot.node.destroy_subscription(watcher)
    robot.wait_for(lambda: subscriptions() == [0, 0], 'no subscriptions')


def test_a_result_is_drawn_on_its_own_image_only(robot):
    edge = Edge(robot)
    stamp = 10 * SECOND
    newer = stamp + SECOND // 10
    message = edge.send(
        [
            edge.image(stamp, 60),
            edge.image(newer, 200),
            messages.emotion_array(emotion_set(stamp, FACE)),
        ],
        stamp,
    )
    image = messages.frame_from_image(message).image
    assert message.header.frame_id == 'eye'
    assert (message.encoding, message.width, message.height) == ('bgr8', 640, 480)
    assert tuple(image[2, 2]) == (60, 60, 60), 'the picture of that stamp'
    assert happy_pixels(message) > 500


def test_a_result_waits_for_its_image(robot):
    edge = Edge(robot)
    message = edge.send(
        [messages.emotion_array(emotion_set(5 * SECOND, FACE)), edge.image(5 * SECOND)], 5 * SECOND
    )
    assert happy_pixels(message) > 500


def test_without_results_the_live_image_is_published_with_a_notice(robot):
    edge = Edge(robot)
    stamps = itertools.count(0, SECOND // 4)

    def noticed():
        edge.images.publish(edge.image(next(stamps)))
        frames = map(messages.frame_from_image, edge.overlays)
        return next((frame for frame in frames if np.any(frame.image[430:] != 90)), None)

    assert np.all(robot.wait_for(noticed, 'the notice').image[:420] == 90)
    robot.wait_for_status(
        NODE,
        lambda s: (
            'no results on' in s.message
            or (edge.images.publish(edge.image(next(stamps))) or False)
        ),
        'no results',
    )


def test_an_image_without_faces_has_a_notice(robot):
    edge = Edge(robot)
    message = edge.send([edge.image(SECOND), messages.emotion_array(emotion_set(SECOND))], SECOND)
    image = messages.frame_from_image(message).image
    assert np.any(image[430:] != 90)
    assert happy_pixels(message) == 0


def test_an_unreadable_image_is_reported_and_the_next_one_drawn(robot):
    edge = Edge(robot)
    broken = edge.image(SECOND)
    broken.encoding = 'yuv99'
    result = messages.emotion_array(emotion_set(SECOND, FACE))

    def told():
        edge.images.publish(broken)
        edge.emotions.publish(result)
        return next((s for s in robot.statuses if 'yuv99' in s.message), None)

    assert robot.wait_for(told, 'status').level == b'\x02'
    edge.send(
        [edge.image(2 * SECOND), messages.emotion_array(emotion_set(2 * SECOND, FACE))], 2 * SECOND
    )


def test_compressed_images_are_read_and_published(tmp_path):
    with Robot([node_process(NODE, image_transport='compressed')], tmp_path) as robot:
        robot.wait_for_state(NODE, 'active')
        overlays = robot.listen(CompressedImage, 'overlay/compressed')
        images = robot.publisher(CompressedImage, 'image_raw/compressed')
        emotions = robot.publisher(FaceEmotionArray, 'face_emotions')
        assert robot.node.count_subscribers('image_raw') == 0
        jpeg = cv2.imencode('.jpg', np.full((480, 640, 3), 90, np.uint8))[1].tobytes()

        def sent():
            images.publish(messages.compressed_message(SECOND, 'eye', jpeg))
            emotions.publish(messages.emotion_array(emotion_set(SECOND, FACE)))
            return overlays

        robot.wait_for(sent, 'overlay/compressed')
        frame = messages.frame_from_compressed(overlays[0])
        assert (frame.stamp, frame.frame_id, frame.width) == (SECOND, 'eye', 640)
        line = frame.image[300, 230:290].astype(int)
        assert np.abs(line - COLOURS['happy']).max() < 60, 'the lower edge of the box'


def test_drawing_options_can_change_at_run_time(robot):
    edge = Edge(robot)
    stamp = SECOND

    def drawn():
        nonlocal stamp
        stamp += SECOND
        message = edge.send(
            [edge.image(stamp), messages.emotion_array(emotion_set(stamp, FACE))], stamp
        )
        return messages.frame_from_image(message).image

    everything = drawn()
    robot.accept(NODE, bars=False, attributes=False)
    assert not np.array_equal(drawn(), everything)
    robot.accept(NODE, bars=True, attributes=True)
    assert np.array_equal(drawn(), everything)
    assert 'buffer_size' in robot.refusal(NODE, buffer_size=0)


def test_the_node_can_be_stopped_and_started_again(robot):
    edge = Edge(robot)
    assert robot.transition(NODE, 'deactivate')
    robot.wait_for(lambda: robot.node.count_subscribers('image_raw') == 0, 'no subscription')
    assert robot.transition(NODE, 'cleanup')
    assert robot.transition(NODE, 'configure')
    assert robot.transition(NODE, 'activate')
    edge.send([edge.image(SECOND), messages.emotion_array(emotion_set(SECOND, FACE))], SECOND)
    assert robot.stop() == {NODE: 0}
    assert 'Traceback' not in robot.logs()

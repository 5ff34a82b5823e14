"""Camera drivers of other packages: lost images, missing stamps, compressed images only."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from sensor_msgs.msg import CompressedImage, Image
from support.nodes import node_process
from support.robot import Robot

from fer_msgs.msg import ExpressionEvent, FaceArray, FaceEmotionArray
from fer_ros.core.errors import SourceError
from fer_ros.core.sources.base import SourceConfig
from fer_ros.core.sources.demo import DemoSource
from fer_ros.core.types import Frame
from fer_ros.ros.bringup.middleware import PROFILE_VARIABLES
from fer_ros.ros.messages import ImageBuffer, compressed_message, stamp_from_time

DETECTOR, CLASSIFIER, OVERLAY = 'face_detector_node', 'emotion_classifier_node', 'overlay_node'
TOPIC = '/usb_cam/image_raw'
DRIVER = Path(__file__).resolve().parents[1] / 'support' / 'image_driver.py'
SECOND = 1_000_000_000
#: Seconds without a detection after which a face has left.
TIMEOUT = 0.5


@pytest.fixture(scope='module')
def face() -> np.ndarray:
    """A frame of the demo with a face: four seconds after its start."""
    source = DemoSource(SourceConfig(width=320, height=240, fps=1.0, realtime=False))
    try:
        source.open()
    except SourceError as error:
        pytest.skip(str(error))
    frames = [source.read() for _ in range(5)]
    return frames[-1].image


def values(status) -> dict[str, str]:
    return {value.key: value.value for value in status.values}


class Camera:
    """Publishes an image repeatedly with the stamps of the test."""

    def __init__(self, robot, face: np.ndarray, stamp) -> None:
        self.robot = robot
        self.publisher = robot.publisher(Image, TOPIC)
        self.buffer = ImageBuffer()
        self.face = face
        self.stamp = stamp
        self.next = 0.0

    def until(self, condition, what: str):
        """Publish at 20 Hz until a condition holds; return what it gives."""

        def step():
            now = self.robot.node.get_clock().now().nanoseconds * 1e-9
            if now >= self.next:
                self.next = now + 0.05
                self.publisher.publish(
                    self.buffer.fill(Frame(self.face, 'bgr8', self.stamp(), 'eye'))
                )
            return condition()

        return self.robot.wait_for(step, what)


class TestStamps:
    @pytest.mark.parametrize(
        ('stamp', 'fault', 'log_lines'),
        [
            (lambda: 0, 'have no stamp (it is 0)', 1),
            (lambda: -3 * SECOND, 'have a stamp before 1970', 1),
            (lambda: 1_000_000 * SECOND, 'all have the same stamp', 1),
        ],
        ids=['zero', 'negative', 'constant'],
    )
    def test_an_unusable_stamp_is_reported_and_arrival_times_give_events(
        self, bring_up_once, face, stamp, fault, log_lines
    ):
        robot = bring_up_once(
            image_topic=TOPIC,
            overlay='true',
            parameters={name: {'track_timeout': TIMEOUT} for name in (DETECTOR, CLASSIFIER)},
        )
        camera = Camera(robot, face, stamp)
        events = robot.listen(ExpressionEvent, 'expression_events')
        emotions = robot.listen(FaceEmotionArray, 'face_emotions')
        status = camera.until(
            lambda: next(
                (s for s in robot.statuses if DETECTOR in s.name and fault in s.message), None
            ),
            'WARN',
        )
        assert status.level == b'\1'
        assert f'images on {TOPIC} {fault}: the time of arrival is used' in status.message
        assert int(values(status)['stamped_on_arrival']) > 0

        def appeared():
            return [e for e in events if e.type == ExpressionEvent.APPEARED]

        now = robot.node.get_clock().now().nanoseconds
        # The face may have appeared before its events were subscribed to. It leaves in the pause.
        end = now + 3 * TIMEOUT * SECOND
        robot.wait_for(lambda: robot.node.get_clock().now().nanoseconds > end, 'end of the pause')
        seen = len(appeared())
        camera.until(lambda: len(appeared()) > seen, 'APPEARED')
        overlay = robot.listen(Image, 'overlay')
        camera.until(
            lambda: any(self.is_drawn(m, face, emotions[-1]) for m in overlay[-3:]),
            'a picture with its faces drawn onto it',
        )
        last = appeared()[-1].face_id
        robot.wait_for(
            lambda: any(e.type == ExpressionEvent.LEFT and e.face_id == last for e in events),
            'LEFT',
        )
        stamps = [stamp_from_time(m.header.stamp) for m in emotions[-5:]]
        assert stamps == sorted(set(stamps))
        assert abs(stamps[-1] - now) < 300 * SECOND, 'the clock of here'
        assert robot.log(DETECTOR).count(fault) == log_lines

    @staticmethod
    def is_drawn(message: Image, face: np.ndarray, emotions: FaceEmotionArray) -> bool:
        """Return whether the left edges of the boxes were drawn."""
        drawn = np.frombuffer(message.data, np.uint8).reshape(face.shape)
        return bool(emotions.faces) and all(
            (drawn != face)[roi.y_offset + roi.height // 2, roi.x_offset].any()
            for roi in (found.roi for found in emotions.faces)
        )

    def test_the_largest_possible_stamps_end_no_node(self, bring_up_once, face):
        """The seconds of a stamp overflow in 2038."""
        robot = bring_up_once(
            image_topic=TOPIC,
            parameters={name: {'track_timeout': TIMEOUT} for name in (DETECTOR, CLASSIFIER)},
        )
        numbers = itertools.count()
        start = (2**31 - 1) * SECOND
        camera = Camera(robot, face, lambda: start + min(next(numbers) * 20_000_000, SECOND - 1))
        events = robot.listen(ExpressionEvent, 'expression_events')
        camera.until(lambda: events, 'APPEARED')
        robot.wait_for(lambda: events[-1].type == ExpressionEvent.LEFT, 'LEFT')
        assert 'failed on an item' not in robot.logs()


class TestLosses:
    @contextmanager
    def driver(self, robot, *arguments: str):
        """Run a driver without a DDS profile: its images do not fit into its shared memory."""
        environment = {**os.environ, 'ROS_DOMAIN_ID': str(robot.domain)}
        for name in PROFILE_VARIABLES:
            environment.pop(name, None)
        with subprocess.Popen(
            [sys.executable, str(DRIVER), TOPIC, *arguments], env=environment
        ) as process:
            try:
                robot.wait_for(lambda: robot.node.count_publishers(TOPIC), 'driver')
                yield
            finally:
                process.terminate()

    @staticmethod
    def detector(bring_up_once, **arguments: str):
        robot = bring_up_once(
            nodes=(DETECTOR,),
            image_topic=TOPIC,
            **arguments,
            parameters={DETECTOR: {'detector': 'haar', 'crops': False}},
        )
        robot.wait_for_state(DETECTOR, 'active')
        return robot

    def test_many_lost_images_give_a_warning_and_one_line_with_the_remedy(self, bring_up_once):
        robot = self.detector(bring_up_once)
        with self.driver(robot, '1280', '960', '15'):
            status = robot.wait_for_status(
                DETECTOR, lambda s: 'are lost in transit' in s.message, 'WARN'
            )
        assert status.level == b'\1'
        assert re.match(
            rf'\d+% of the images on {TOPIC} are lost in transit: set '
            'image_reliability:=reliable or image_transport:=compressed',
            status.message,
        )
        assert int(values(status)['dropped_transport']) > 0
        assert robot.log(DETECTOR).count('are lost in transit') == 1

    def test_with_reliable_images_all_arrive(self, bring_up_once):
        robot = self.detector(bring_up_once, image_reliability='reliable')
        with self.driver(robot, '1280', '960', '5'):
            robot.wait_for_status(
                DETECTOR, lambda s: int(values(s)['processed']) > 15, 'fifteen images'
            )
        assert 'are lost in transit' not in robot.log(DETECTOR)

    def test_a_reliable_subscription_to_a_best_effort_driver_is_reported_with_the_remedy(
        self, bring_up_once
    ):
        from rclpy.qos import qos_profile_sensor_data

        robot = self.detector(bring_up_once, image_reliability='reliable')
        robot.node.create_publisher(Image, TOPIC, qos_profile_sensor_data)
        status = robot.wait_for_status(
            DETECTOR, lambda s: 'best-effort reliability' in s.message, 'WARN'
        )
        assert 'set image_reliability:=best_effort' in status.message


class TestCompressedAlone:
    @pytest.fixture(params=['image_topic', 'remapped', 'compressed_name'])
    def robot(self, request, bring_up_once, tmp_path):
        """Start it by launch with either name, and by ros2 run with a remapped raw name."""
        if request.param == 'remapped':
            process = node_process(DETECTOR, remappings=(('image_raw', TOPIC),))
            with Robot([process], tmp_path) as robot:
                yield robot
            return
        ending = '/compressed' if request.param == 'compressed_name' else ''
        yield bring_up_once('edge', nodes=(DETECTOR,), image_topic=TOPIC + ending)

    def test_compressed_images_are_found_by_the_raw_name_and_logged(self, robot, face, request):
        faces = robot.listen(FaceArray, 'faces')
        publisher = robot.node.create_publisher(CompressedImage, f'{TOPIC}/compressed', 1)
        jpeg = cv2.imencode('.jpg', face)[1].tobytes()

        def published_until_found():
            stamp = robot.node.get_clock().now().nanoseconds
            publisher.publish(compressed_message(stamp, 'eye', jpeg))
            return any(message.faces for message in faces)

        robot.wait_for(published_until_found, 'faces of compressed images')
        if 'compressed_name' in request.node.name:
            return
        assert (
            f'no node publishes {TOPIC}, but {TOPIC}/compressed is published: using the '
            'compressed images'
        ) in robot.log(DETECTOR)
        raw = robot.node.create_publisher(Image, TOPIC, 1)
        robot.wait_for_log(DETECTOR, f'{TOPIC} is published now')
        robot.wait_for(raw.get_subscription_count, 'the raw images are subscribed to')

"""Bags played with use_sim_time give the events of the core for the same frames."""

from __future__ import annotations

import time
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')
pytest.importorskip('rosbags', reason='no rosbags: pip install rosbags')

from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Image
from support.bags import read_raw, write_image_bag
from support.clips import plain_wall
from support.people import HOPPER, Person, compose

from fer_msgs.msg import ExpressionEvent, FaceEmotionArray
from fer_ros.core.detection.base import DetectorConfig, Search
from fer_ros.core.pipeline_builder import PipelineBuilder
from fer_ros.core.pipeline_config import PipelineConfig
from fer_ros.core.tracking import TrackerConfig
from fer_ros.core.types import EventType, Frame
from fer_ros.ros.messages import stamp_from_time, time_from_stamp

SECOND = 1_000_000_000
TRACK_TIMEOUT = 1.0
#: Seconds for which each picture is shown: a neutral face, the same face happy, no face.
SCENES = (1.6, 1.6, 2.2)
#: Seconds by which an event may come at another stamp: a busy machine skips frames.
TOLERANCE = 0.5
#: Seconds after which a frame counts as lost on its way, and how often it is sent.
ANSWER, TRIES = 2.0, 5


@pytest.fixture(scope='module')
def pictures(portraits):
    """A neutral face, the same face happy, and an empty picture of their size."""
    neutral, happy = (
        compose(plain_wall(), [Person(HOPPER, 320, 240, 130, expression=expression)]).image
        for expression in ('neutral', 'happy')
    )
    return neutral, happy, plain_wall()


def timeline(pictures, start: int, rate: int) -> list[tuple[int, np.ndarray]]:
    """Return stamp and picture of each frame."""
    shown = [
        picture
        for picture, seconds in zip(pictures, SCENES, strict=True)
        for _ in range(round(seconds * rate))
    ]
    return [(start + index * SECOND // rate, picture) for index, picture in enumerate(shown)]


def expected_events(frames: list[tuple[int, np.ndarray]]) -> list[SimpleNamespace]:
    config = PipelineConfig(
        detector=DetectorConfig(search=Search.FULL),
        tracker=TrackerConfig(track_timeout=TRACK_TIMEOUT),
    )
    pipeline = PipelineBuilder(config).pipeline()
    return [
        SimpleNamespace(
            type=event.type,
            labels=(event.previous_label, event.label),
            stamp=event.stamp,
            duration=event.duration,
        )
        for stamp, image in frames
        for event in pipeline.process(Frame(image, 'bgr8', stamp)).events
    ]


@pytest.fixture(scope='module')
def robot(bring_up):
    robot = bring_up(
        parameters={
            node: {'track_timeout': TRACK_TIMEOUT}
            for node in ('face_detector_node', 'emotion_classifier_node')
        },
        image_topic='/image_raw',
        use_sim_time='true',
    )
    for node in ('face_detector_node', 'emotion_classifier_node'):
        robot.wait_for_state(node, 'active')
    robot.events = robot.listen(ExpressionEvent, 'expression_events')
    robot.emotions = robot.listen(FaceEmotionArray, 'face_emotions')
    robot.clock = robot.publisher(Clock, '/clock', 2)
    robot.images = robot.publisher(Image, '/image_raw')
    return robot


def play(robot, bag, rate: float) -> None:
    """Publish the images of a bag and the time between them, up to `rate` times as fast.

    Each waits for the result of the one before: a busy machine would skip frames, and at 5 Hz
    two of them move an event by more than TOLERANCE.
    """
    messages = read_raw(bag)
    start, first = time.monotonic(), messages[0][1]
    for _, stamp, data in messages:
        while (now := first + int((time.monotonic() - start) * rate * SECOND)) < stamp:
            robot.clock.publish(Clock(clock=time_from_stamp(now)))
            time.sleep(min(0.01, (stamp - now) / SECOND / rate))
        robot.clock.publish(Clock(clock=time_from_stamp(stamp)))
        send(robot, data, stamp)


def send(robot, data: bytes, stamp: int) -> None:
    """Publish an image until its result arrives: a large message can be lost."""
    for _ in range(TRIES):
        robot.images.publish(data)
        patience = time.monotonic() + ANSWER
        while time.monotonic() < patience:
            if robot.emotions and stamp_from_time(robot.emotions[-1].header.stamp) == stamp:
                return
            time.sleep(0.002)


@pytest.mark.parametrize(
    ('number', 'frames_per_second', 'rate'),
    [
        pytest.param(1, 5, 1.0, id='5 Hz'),
        pytest.param(2, 30, 1.0, id='30 Hz'),
        pytest.param(3, 5, 3.0, id='5 Hz three times as fast'),
    ],
)
def test_replayed_events_equal_those_of_the_core(
    robot, pictures, tmp_path, number, frames_per_second, rate
):
    robot.events.clear()
    # Later in each run: time that goes back would let every face leave.
    start = number * 1000 * SECOND
    frames = timeline(pictures, start, frames_per_second)
    expected = expected_events(frames)
    assert [(event.type, event.labels) for event in expected] == [
        (EventType.APPEARED, ('', 'neutral')),
        (EventType.CHANGED, ('neutral', 'happy')),
        (EventType.LEFT, ('', 'happy')),
    ]
    play(robot, write_image_bag(tmp_path / 'images', frames), rate)
    robot.wait_for(lambda: len(robot.events) >= len(expected), 'as many events')
    for found, wanted in zip(robot.events, expected, strict=True):
        assert (EventType(found.type), (found.previous_label, found.label)) == (
            wanted.type,
            wanted.labels,
        )
        assert stamp_from_time(found.header.stamp) / SECOND == pytest.approx(
            wanted.stamp / SECOND, abs=TOLERANCE
        )
        assert found.duration.sec + found.duration.nanosec / SECOND == pytest.approx(
            wanted.duration, abs=2 * TOLERANCE
        )
    assert len({event.face_id for event in robot.events}) == 1

"""Overload: bursts, crowds, a busy processor. Queues and memory do not grow."""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import contextmanager

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from sensor_msgs.msg import Image
from support.proc import holdings
from support.promises import ON_TIME

from fer_msgs.msg import ExpressionEvent, FaceArray, FaceEmotionArray
from fer_ros.core.models import DEFAULT_MODEL, ModelStore
from fer_ros.core.types import Box, Crop, Face, FaceSet, Frame
from fer_ros.ros import messages
from fer_ros.ros.messages import stamp_from_time

DETECTOR, CLASSIFIER = 'face_detector_node', 'emotion_classifier_node'
NODES = (DETECTOR, CLASSIFIER)
TOPIC = '/usb_cam/image_raw'
SECOND = 1_000_000_000
MEGABYTE = 2**20

RATE, BURST = 15, 150
CROWD = 500

#: Seconds after which a message to the classifier counts as lost; 500 faces take one thread 2 s
#: with the default model on an idle machine.
ANSWER = 20.0

#: Seconds a result may be old in a burst, on a starved processor, and again soon after.
BUSY, STARVED, USUAL = 2.0, 3.0, 1.0


@pytest.fixture(scope='module')
def robot(bring_up):
    robot = bring_up(image_topic=TOPIC)
    for node in NODES:
        robot.wait_for_state(node, 'active')
    return robot


@pytest.fixture(scope='module')
def results(robot):
    """Results with their age in seconds on arrival."""
    received: list[tuple[int, float]] = []

    def note(message):
        stamp = stamp_from_time(message.header.stamp)
        received.append((stamp, (time.time_ns() - stamp) / SECOND))

    robot.node.create_subscription(FaceEmotionArray, 'face_emotions', note, 1000)
    return received


@pytest.fixture(scope='module')
def camera(robot, picture):
    publisher = robot.publisher(Image, TOPIC)
    buffer = messages.ImageBuffer()

    def show(seconds: float, rate: float) -> int:
        """Publish at a rate and return the number of images."""
        begin = time.monotonic()
        count = 0
        while (due := begin + count / rate) < begin + seconds:
            time.sleep(max(0.0, due - time.monotonic()))
            publisher.publish(buffer.fill(Frame(picture, 'bgr8', time.time_ns(), 'eye')))
            count += 1
        return count

    return show


def steady(robot, results, camera) -> None:
    """Publish at the usual rate until results are as quick as usual."""

    def as_usual() -> bool:
        camera(1 / RATE, RATE)
        return len(results) > 3 and all(age < USUAL for _, age in results[-3:])

    start = len(results)
    robot.wait_for(lambda: as_usual() and len(results) > start + 3, 'results in time')


def counts(robot, node: str) -> dict[str, int]:
    """Return the counts of a node from a status after this call."""
    robot.wait_for_status(node, lambda s: True, 'any')
    status = robot.wait_for_status(node, lambda s: True, 'the next')
    return {v.key: int(v.value) for v in status.values if v.value.isdecimal()}


def seen(found: dict[str, int]) -> int:
    return sum(
        found.get(name, 0)
        for name in ('processed', 'dropped_busy', 'dropped_transport', 'bad_images')
    )


def memory(robot) -> dict[str, int]:
    return {node: holdings(robot.process(node).pid).memory for node in NODES}


@ON_TIME
def test_ten_times_the_rate_builds_no_queue_and_every_image_is_counted(
    robot, results, camera, record_testsuite_property
):
    steady(robot, results, camera)
    before, held = counts(robot, DETECTOR), memory(robot)
    start = len(results)
    # The last ones can be lost, and only an arriving one reports the losses before it.
    shown = camera(3, BURST) + camera(1, RATE)
    oldest = max(age for _, age in results[start:])
    came = len(results) - start
    steady(robot, results, camera)
    after = counts(robot, DETECTOR)
    grown = max(memory(robot)[node] - held[node] for node in NODES) / MEGABYTE
    record_testsuite_property('burst_oldest_result_seconds', round(oldest, 2))
    record_testsuite_property('burst_results_of_images', f'{came} of {shown}')
    record_testsuite_property('burst_grew_mb', round(grown, 2))
    assert oldest < BUSY, 'results fell behind'
    assert seen(after) - seen(before) >= shown - 3
    assert grown < 16


def crowd(stamp: int) -> FaceSet:
    """A picture full of faces: 25 columns, 20 rows."""
    spec = ModelStore().load_card(DEFAULT_MODEL).crop_spec
    random = np.random.default_rng(1)
    crops = random.integers(0, 256, (CROWD, spec.size, spec.size), np.uint8)
    faces = [
        Face(
            f'crowd{number}',
            Box(75.0 * (number % 25), 50.0 * (number // 25), 40, 50),
            0.9,
            crop=Crop(crops[number], np.zeros((2, 3), np.float32)),
        )
        for number in range(CROWD)
    ]
    return FaceSet(stamp, 'eye', 1920, 1080, tuple(faces), spec.geometry.name, spec.channels)


def test_500_faces_in_one_message_are_all_classified_and_no_event_is_lost(
    robot, record_testsuite_property
):
    # Noise has no clear label, but every face must have a label and therefore an event.
    robot.accept(CLASSIFIER, uncertain_threshold=0.0)
    events = robot.listen(ExpressionEvent, 'expression_events')
    emotions = robot.listen(FaceEmotionArray, 'face_emotions')
    edge = robot.publisher(FaceArray, 'faces')
    robot.wait_for(lambda: robot.node.count_publishers('expression_events'), 'events')
    held = memory(robot)[CLASSIFIER]
    stamp = time.time_ns()
    message = messages.face_array(crowd(stamp))
    took = []

    def appeared() -> bool:
        nonlocal stamp
        # By stamps the crowd is watched for half a second from one message to the next.
        stamp += SECOND // 2
        message.header = messages.header(stamp, 'eye')
        sent = time.monotonic()
        edge.publish(message)
        # A message of this size can be lost. The next one has a later stamp.
        while time.monotonic() < sent + ANSWER:
            if emotions and stamp_from_time(emotions[-1].header.stamp) == stamp:
                took.append(time.monotonic() - sent)
                break
            time.sleep(0.005)
        return len(ids(ExpressionEvent.APPEARED)) >= CROWD

    def ids(kind: int) -> set[str]:
        return {e.face_id for e in events if e.type == kind and e.face_id.startswith('crowd')}

    robot.wait_for(appeared, f'{CROWD} events')
    assert len(emotions[-1].faces) == CROWD
    # They leave all at once, by the timeout.
    robot.wait_for(lambda: len(ids(ExpressionEvent.LEFT)) == CROWD, f'{CROWD} LEFT')
    grown = (memory(robot)[CLASSIFIER] - held) / MEGABYTE
    record_testsuite_property('crowd_ms_per_face', round(1e3 * min(took) / CROWD, 2))
    record_testsuite_property('crowd_grew_mb', round(grown, 1))
    assert 'Traceback' not in robot.log(CLASSIFIER)
    assert grown < 64
    robot.node.destroy_publisher(edge)


@contextmanager
def starved(pids: list[int], share: float, period: float = 0.1):
    """Give processes a share of the processor: they are stopped for the rest of each period."""
    ended = threading.Event()

    def alternate() -> None:
        while not ended.is_set():
            for number, seconds in ((signal.SIGSTOP, 1 - share), (signal.SIGCONT, share)):
                for pid in pids:
                    os.kill(pid, number)
                ended.wait(period * seconds)

    thread = threading.Thread(target=alternate, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@ON_TIME
def test_with_a_tenth_of_a_core_results_are_fewer_and_none_is_old(
    robot, results, camera, record_testsuite_property
):
    steady(robot, results, camera)
    held = memory(robot)
    start = len(results)
    with starved([robot.process(node).pid for node in NODES], 0.1):
        shown = camera(5, RATE)
        during = results[start:]
    steady(robot, results, camera)
    grown = max(memory(robot)[node] - held[node] for node in NODES) / MEGABYTE
    oldest = max(age for _, age in during)
    record_testsuite_property('starved_oldest_result_seconds', round(oldest, 2))
    record_testsuite_property('starved_results_of_images', f'{len(during)} of {shown}')
    record_testsuite_property('starved_grew_mb', round(grown, 2))
    assert oldest < STARVED
    assert grown < 16
    for node in NODES:
        assert robot.state(node) == 'active'

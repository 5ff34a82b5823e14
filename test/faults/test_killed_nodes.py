"""Nodes that are killed or stopped: the others continue, and results resume."""

from __future__ import annotations

import os
import signal
import time

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from support.launched import launched, node_pid
from support.proc import holdings
from support.promises import ON_TIME
from support.robot import Robot

from fer_msgs.msg import FaceEmotionArray
from fer_ros.ros.messages import stamp_from_time

CAMERA, DETECTOR, CLASSIFIER = 'camera_node', 'face_detector_node', 'emotion_classifier_node'

SECOND = 1_000_000_000
MEGABYTE = 2**20

#: Frames after which the detector has taken the memory it needs.
WARM = 60

#: Seconds within which results resume after a node has restarted.
RESUMES = 3.0


@pytest.fixture(scope='module')
def robot(face_clip, tmp_path_factory):
    """A pipeline started by `launch`, and an observer that records the times of results."""
    folder = tmp_path_factory.mktemp('robot')
    with (
        Robot([], folder) as robot,
        launched(robot, folder, 'pipeline', f'source:={face_clip}', 'use_respawn:=true') as (
            robot.launch,
            robot.output,
        ),
    ):
        robot.received = []
        emotions = robot.listen(FaceEmotionArray, 'face_emotions', reliable=False)
        robot.emotions = emotions
        robot.wait_for(lambda: len(emotions) > 5, 'results')
        yield robot


def stamps(robot) -> list[int]:
    return [stamp_from_time(message.header.stamp) for message in robot.emotions]


def result_since(robot, since: int) -> float:
    """Wait for a result of a frame captured since a time; return the seconds until it came."""
    robot.wait_for(lambda: robot.emotions and stamps(robot)[-1] > since, 'results')
    return (time.time_ns() - since) / SECOND


def starts(robot, node: str) -> int:
    """Return how often a node was started. Each start logs one line."""
    lines = robot.output.read_text(errors='replace').splitlines()
    return sum('[INFO]' in line and f'[{node}]' in line for line in lines)


@ON_TIME
@pytest.mark.parametrize('node', [CAMERA, DETECTOR, CLASSIFIER])
def test_a_killed_node_is_restarted_and_results_resume(robot, node, record_testsuite_property):
    result_since(robot, time.time_ns())
    before, pid = starts(robot, node), node_pid(robot.launch, node)
    others = [
        node_pid(robot.launch, name) for name in (CAMERA, DETECTOR, CLASSIFIER) if name != node
    ]
    killed = time.time_ns()
    os.kill(pid, signal.SIGKILL)
    robot.wait_for(lambda: starts(robot, node) > before, f'{node} up again')
    up = time.time_ns()
    after = result_since(robot, up)
    record_testsuite_property(f'{node}_seconds_to_be_up', round((up - killed) / SECOND, 2))
    record_testsuite_property(f'{node}_seconds_after_it_is_up', round(after, 2))
    assert after <= RESUMES
    assert node_pid(robot.launch, node) not in (0, pid)
    for other in others:
        holdings(other)  # raises where it is gone


@ON_TIME
@pytest.mark.parametrize(
    'seconds', [4, pytest.param(60, marks=pytest.mark.long('fer_ros/ros/bringup/processes.py'))]
)
def test_while_the_classifier_is_stopped_the_other_nodes_neither_grow_nor_wait(
    robot, seconds, record_testsuite_property
):
    """A stopped process keeps its connections and reads nothing."""

    def processed() -> int:
        status = robot.wait_for_status(DETECTOR, lambda s: True, 'any')
        return int({v.key: v.value for v in status.values}['processed'])

    result_since(robot, time.time_ns())
    robot.wait_for(lambda: processed() > WARM, 'frames until all memory is in use')
    pid, detector = node_pid(robot.launch, CLASSIFIER), node_pid(robot.launch, DETECTOR)
    memory, frames = holdings(detector).memory, processed()
    begin = time.monotonic()
    os.kill(pid, signal.SIGSTOP)
    try:
        time.sleep(seconds)
        rate = (processed() - frames) / (time.monotonic() - begin)
        grown = (holdings(detector).memory - memory) / MEGABYTE
    finally:
        count, again = len(robot.emotions), time.time_ns()
        os.kill(pid, signal.SIGCONT)
    after = result_since(robot, again)
    old = [stamp for stamp in stamps(robot)[count:] if stamp < again - SECOND]
    record_testsuite_property(f'gone_{seconds}_s_detector_rate', round(rate, 1))
    record_testsuite_property(f'gone_{seconds}_s_detector_grew_mb', round(grown, 2))
    record_testsuite_property(f'gone_{seconds}_s_seconds_to_resume', round(after, 2))
    record_testsuite_property(f'gone_{seconds}_s_old_results', len(old))
    assert rate > 5, 'the detector goes on at 20 Hz, or what a busy machine leaves of it'
    assert grown < 8
    assert after <= RESUMES
    # The current one and a waiting one.
    assert len(old) <= 2

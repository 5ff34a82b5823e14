"""SIGINT and SIGTERM end every process cleanly and leave no files."""

from __future__ import annotations

import os
import signal

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from support.clips import face_at, write_clip
from support.proc import shared_memory_of
from support.robot import PATIENCE

from fer_msgs.msg import FaceEmotionArray


@pytest.mark.parametrize(
    ('number', 'arguments'),
    [
        pytest.param(signal.SIGTERM, {}, id='SIGTERM to three processes'),
        pytest.param(signal.SIGINT, {'single_process': 'true'}, id='SIGINT to one'),
    ],
)
def test_a_signal_under_full_load_ends_the_process_with_code_0(
    bring_up_once, photographs, tmp_path, number, arguments
):
    clip = write_clip(
        tmp_path / 'face.avi', [s.image for s in face_at(photographs, [(320, 240)] * 20)], 20.0
    )
    robot = bring_up_once(source=str(clip), **arguments)
    emotions = robot.listen(FaceEmotionArray, 'face_emotions')
    robot.wait_for(lambda: len(emotions) > 5 and emotions[-1].faces, 'faces')
    processes = {name: robot.process(name) for name in robot.names}
    mapped = set().union(*(shared_memory_of(process.pid) for process in processes.values()))
    for process in processes.values():
        process.send_signal(number)
    for name, process in processes.items():
        assert process.wait(PATIENCE) == 0, f'{name}: {robot.log(name)}'
    assert 'Traceback' not in robot.logs()
    if not mapped:
        pytest.skip('the middleware uses no shared memory of its own here')
    # What the observer of this test has mapped too goes when it goes.
    mapped -= shared_memory_of(os.getpid())
    assert [path for path in mapped if path.exists()] == []


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_changes_nothing(bring_up_once, number):
    robot = bring_up_once('compute')
    robot.wait_for_state('emotion_classifier_node', 'active')
    process = robot.process('emotion_classifier_node')
    process.send_signal(number)
    process.send_signal(number)
    assert process.wait(PATIENCE) == 0
    assert 'Traceback' not in robot.logs()

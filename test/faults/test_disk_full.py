"""The disk is full while results are recorded: the recording reports it and the robot continues.

What the command says and keeps where a file may not grow is shown in test/ros/test_record.py.
"""

from __future__ import annotations

import os
import subprocess

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')
pytest.importorskip('rosbags', reason='no rosbags: pip install rosbags')

from support.bags import read_raw

from fer_msgs.msg import FaceEmotionArray
from fer_ros.ros.messages import stamp_from_time


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 64 KB."""
    if os.geteuid() != 0:
        pytest.skip('a small disk needs root (mount)')
    folder = tmp_path / 'disk'
    folder.mkdir()
    mounted = subprocess.run(
        ['mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f'no small disk: {mounted.stderr.strip()}')
    yield folder
    subprocess.run(['umount', '--lazy', str(folder)], check=True)


def test_a_full_disk_ends_the_recording_with_an_error_and_results_continue(
    small_disk, face_clip, bring_up_once
):
    bag = small_disk / 'bag'
    robot = bring_up_once(
        source=str(face_clip), record=str(bag), allow_death=True, single_process='true'
    )
    emotions = robot.listen(FaceEmotionArray, 'face_emotions')
    recorder = robot.process('record')
    robot.wait_for(lambda: recorder.poll() is not None, 'end of the recording')
    full = robot.node.get_clock().now().nanoseconds
    assert recorder.returncode == 1
    log = robot.log('record')
    assert f'cannot write {bag}: No space left on device' in log
    assert 'free some space' in log
    assert 'Traceback' not in log
    assert read_raw(bag), 'what came before can be read'
    robot.wait_for(
        lambda: emotions and stamp_from_time(emotions[-1].header.stamp) > full, 'results'
    )

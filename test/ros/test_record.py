"""The command record as a process: what it writes, what it never writes, and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')
pytest.importorskip('rosbags', reason='no rosbags: pip install rosbags')

from builtin_interfaces.msg import Time
from rclpy.serialization import deserialize_message
from rosgraph_msgs.msg import Clock
from support.bags import read, read_raw
from support.documents import documented_program
from support.limits import with_small_files
from support.robot import PATIENCE, Robot

from fer_msgs.msg import ExpressionEvent, FaceArray, FaceEmotion, FaceEmotionArray
from fer_ros.ros.bringup.plan import plan
from fer_ros.ros.messages import header

#: Faces that come at once.
CROWD = 500


class Recording:
    """The command, recording what the robot's observer publishes."""

    def __init__(
        self,
        robot: Robot,
        folder: Path,
        *arguments: str,
        prefix: Sequence[str] = (),
    ) -> None:
        self.robot = robot
        self.folder = folder
        self.process = subprocess.Popen(
            [
                *prefix,
                sys.executable,
                '-m',
                'fer_ros',
                'record',
                '--output',
                str(folder),
                *arguments,
            ],
            env={**os.environ, 'ROS_DOMAIN_ID': str(robot.domain)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        # Deep: several events may be under way at once.
        self.events = robot.node.create_publisher(ExpressionEvent, 'expression_events', 100)
        self.emotions = robot.publisher(FaceEmotionArray, 'face_emotions')
        robot.wait_for(self.events.get_subscription_count, 'subscription to expression_events')

    def count(self, topic: str) -> int:
        """Return how many messages of a topic the metadata lists. It is never half-written."""
        content = yaml.safe_load((self.folder / 'metadata.yaml').read_text())
        topics = content['rosbag2_bagfile_information']['topics_with_message_count']
        (count,) = (
            entry['message_count'] for entry in topics if entry['topic_metadata']['name'] == topic
        )
        return count

    def on_disk(self, topic: str, count: int = 1) -> None:
        """Wait until the metadata lists a number of messages."""
        self.robot.wait_for(lambda: self.count(topic) >= count, f'{count} of {topic} on disk')

    def send_until_on_disk(self, publisher: Any, message: Any, topic: str) -> None:
        """Publish repeatedly: best effort loses messages before the connection."""

        def attempt():
            publisher.publish(message)
            return self.count(topic)

        self.robot.wait_for(attempt, f'{topic} on disk')

    def end(self, number: int = signal.SIGINT) -> str:
        self.process.send_signal(number)
        output, _ = self.process.communicate(timeout=PATIENCE)
        assert 'Traceback' not in output
        return output


def event(face_id: str) -> ExpressionEvent:
    return ExpressionEvent(
        header=header(5, 'eye'), type=ExpressionEvent.APPEARED, face_id=face_id, label='happy'
    )


def emotions(face_id: str) -> FaceEmotionArray:
    return FaceEmotionArray(
        header=header(5, 'eye'),
        class_names=['happy'],
        faces=[FaceEmotion(face_id=face_id, label='happy', probabilities=[1.0])],
    )


@pytest.fixture
def robot(tmp_path):
    with Robot([], tmp_path) as robot:
        yield robot


def test_recorded_messages_equal_published_messages(robot, tmp_path):
    recording = Recording(robot, tmp_path / 'bag')
    recording.events.publish(event('a1'))
    recording.events.publish(event('a2'))
    recording.on_disk('/expression_events', 2)
    recording.send_until_on_disk(recording.emotions, emotions('a1'), '/face_emotions')
    output = recording.end()
    assert recording.process.returncode == 0
    count = len(read_raw(tmp_path / 'bag'))
    assert f'recorded {count} messages into {tmp_path / "bag"}' in output
    by_topic = {topic: data for topic, _, data in read_raw(tmp_path / 'bag')}
    assert deserialize_message(by_topic['/face_emotions'], FaceEmotionArray) == emotions('a1')
    assert [e.face_id for e in read(tmp_path / 'bag')['/expression_events']] == ['a1', 'a2']


def test_no_event_of_a_crowd_is_lost_while_the_recording_is_paused(robot, tmp_path):
    recording = Recording(robot, tmp_path / 'bag')
    crowd = robot.node.create_publisher(ExpressionEvent, 'expression_events', CROWD)
    robot.wait_for(crowd.get_subscription_count, 'subscription to expression_events')
    recording.process.send_signal(signal.SIGSTOP)
    for number in range(CROWD):
        crowd.publish(event(f'a{number}'))
    recording.process.send_signal(signal.SIGCONT)
    recording.on_disk('/expression_events', CROWD)
    recording.end()
    assert [e.face_id for e in read(tmp_path / 'bag')['/expression_events']] == [
        f'a{number}' for number in range(CROWD)
    ]


def test_images_are_recorded_only_on_request_and_with_a_warning(robot, tmp_path):
    recording = Recording(robot, tmp_path / 'bag')
    for topic in ('image_raw', 'image_raw/compressed', 'faces'):
        assert robot.node.count_subscribers(topic) == 0
    assert set(read(tmp_path / 'bag')) == {
        '/face_emotions',
        '/expression_events',
        '/attention_events',
    }
    assert 'shows people' not in recording.end()

    asked = Recording(robot, tmp_path / 'asked', '--also', 'faces')
    faces = robot.publisher(FaceArray, 'faces')
    asked.send_until_on_disk(faces, FaceArray(header=header(5, 'eye')), '/faces')
    assert 'faces shows people. It is recorded because you requested it' in asked.end()
    assert read(tmp_path / 'asked')['/faces']


def test_individually_requested_topics_are_all_recorded(robot, tmp_path):
    recording = Recording(robot, tmp_path / 'bag', '--also', 'faces', '--also', 'camera_info')
    assert 'faces, camera_info into' in recording.end()
    assert set(read(tmp_path / 'bag')) == {
        '/face_emotions',
        '/expression_events',
        '/attention_events',
        '/faces',
        '/camera_info',
    }


def test_a_killed_recording_can_be_read_up_to_the_last_second(robot, tmp_path):
    recording = Recording(robot, tmp_path / 'bag')
    for number in range(5):
        recording.events.publish(event(f'a{number}'))
    recording.on_disk('/expression_events', 5)
    recording.end(signal.SIGKILL)
    assert [e.face_id for e in read(tmp_path / 'bag')['/expression_events']] == [
        f'a{number}' for number in range(5)
    ]


def test_a_full_disk_ends_the_recording_with_an_error_and_its_contents_can_be_read(
    robot, tmp_path
):
    """A limit on the size of files simulates a full disk."""
    recording = Recording(robot, tmp_path / 'bag', prefix=with_small_files(40))
    recording.events.publish(event('a1'))
    recording.on_disk('/expression_events')

    def publish_until_it_ends():
        recording.emotions.publish(emotions('a' * 3000))
        return recording.process.poll() is not None

    robot.wait_for(publish_until_it_ends, 'end of the recording')
    output = recording.end()
    assert recording.process.returncode == 1
    assert f'cannot write {tmp_path / "bag"}: File too large' in output
    assert 'earlier messages can be read' in output
    assert [e.face_id for e in read(tmp_path / 'bag')['/expression_events']] == ['a1']


def test_an_existing_folder_is_an_error_and_is_not_changed(tmp_path, robot):
    result = subprocess.run(
        [sys.executable, '-m', 'fer_ros', 'record', '--output', str(tmp_path)],
        env={**os.environ, 'ROS_DOMAIN_ID': str(robot.domain)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert result.returncode == 1
    assert f'record: {tmp_path} already exists and is not changed' in result.stderr
    assert not list(tmp_path.glob('*.mcap'))


def test_a_namespace_is_set_as_for_any_node(robot, tmp_path):
    process = subprocess.Popen(
        [
            sys.executable,
            '-m',
            'fer_ros',
            'record',
            '--output',
            str(tmp_path / 'bag'),
            '--ros-args',
            '-r',
            '__ns:=/robot1',
        ],
        env={**os.environ, 'ROS_DOMAIN_ID': str(robot.domain)},
    )
    robot.publisher(ExpressionEvent, '/robot1/expression_events')
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 0
    assert set(read(tmp_path / 'bag')) == {
        '/robot1/face_emotions',
        '/robot1/expression_events',
        '/robot1/attention_events',
    }


def test_with_use_sim_time_messages_have_the_time_of_the_clock(robot, tmp_path):
    recording = Recording(robot, tmp_path / 'bag', '--ros-args', '-p', 'use_sim_time:=true')
    clock = robot.publisher(Clock, '/clock')

    def attempt():
        clock.publish(Clock(clock=Time(sec=100)))
        recording.emotions.publish(emotions('a1'))
        return recording.count('/face_emotions') > 5

    robot.wait_for(attempt, 'messages on disk')
    recording.end()
    times = [time for _, time, _ in read_raw(tmp_path / 'bag')]
    assert times[-1] == 100 * 1_000_000_000


def test_the_documented_program_reads_a_recording(robot, tmp_path):
    recording = Recording(robot, tmp_path / 'monday')
    recording.events.publish(event('a1'))
    recording.on_disk('/expression_events')
    recording.end()
    program = documented_program('from rosbags')
    result = subprocess.run(
        [sys.executable, '-c', program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert result.stdout == 'a1 happy\n', result.stderr


class TestBringUp:
    def test_a_launch_records_into_the_given_folder(self):
        *nodes, recorder = plan(
            'pipeline',
            {
                'record': '/tmp/bag',
                'namespace': 'robot1',
                'use_sim_time': 'true',
                'source': 'demo',
                'use_respawn': 'true',
            },
            {},
        )
        assert nodes == plan(
            'pipeline',
            {
                'namespace': 'robot1',
                'use_sim_time': 'true',
                'source': 'demo',
                'use_respawn': 'true',
            },
            {},
        )
        assert recorder.executable == 'record'
        assert recorder.arguments == ('--out', '/tmp/bag')
        assert recorder.namespace == 'robot1'
        assert recorder.parameters == {'use_sim_time': True}
        assert not recorder.respawn, 'its folder would be taken'

    def test_the_parameter_file_can_name_other_nodes(self, bring_up_once, tmp_path):
        robot = bring_up_once(
            'compute',
            nodes=('record',),
            parameters={},
            record=str(tmp_path / 'bag'),
            autostart='true',
        )
        robot.publisher(ExpressionEvent, 'expression_events')
        assert robot.stop() == {'record': 0}
        assert 'recorded 0 messages' in robot.log('record')

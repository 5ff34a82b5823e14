"""The class for robot programs, and the examples that use it, over real DDS."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

import rclpy
from builtin_interfaces.msg import Duration
from geometry_msgs.msg import Point, PointStamped, Pose, PoseWithCovariance, Quaternion
from rclpy.node import Node
from sensor_msgs.msg import RegionOfInterest
from std_msgs.msg import String
from support.documents import documented_program
from support.robot import PATIENCE, Robot

from fer_msgs.msg import AttentionEvent, ExpressionEvent, FaceEmotion, FaceEmotionArray
from fer_ros.core.types import Box, Position
from fer_ros.robot import AttentionType, EventType, Faces, spin
from fer_ros.ros.messages import header

EXAMPLES = Path(__file__).resolve().parents[2] / 'fer_ros' / 'examples'
STAMP = 1_700_000_000_250_000_000
ROI = RegionOfInterest(x_offset=10, y_offset=20, width=30, height=40)


def face(face_id: str, label: str = 'happy', z: float = 1.5) -> FaceEmotion:
    return FaceEmotion(
        face_id=face_id,
        roi=ROI,
        position=Point(x=0.1, y=-0.2, z=z),
        position_stddev=0.1,
        label=label,
        confidence=0.8,
        raw_label='neutral',
        raw_confidence=0.5,
        probabilities=[0.75, 0.25],
        valence=0.5,
        arousal=0.25,
        attribute_names=['smile'],
        attribute_scores=[0.5],
    )


def emotions(*faces: FaceEmotion) -> FaceEmotionArray:
    return FaceEmotionArray(
        header=header(STAMP, 'eye'),
        image_width=640,
        image_height=480,
        class_names=['happy', 'neutral'],
        faces=list(faces),
    )


def event(kind: int, label: str, face_id: str = 'a1', previous: str = '') -> ExpressionEvent:
    return ExpressionEvent(
        header=header(STAMP, 'eye'),
        type=kind,
        face_id=face_id,
        label=label,
        previous_label=previous,
        confidence=0.75,
        duration=Duration(sec=2, nanosec=500_000_000),
        roi=ROI,
        position=Point(x=math.nan, y=math.nan, z=math.nan),
    )


@pytest.fixture
def robot(tmp_path):
    with Robot([], tmp_path) as robot:
        yield robot


def event_publisher(robot, kind=ExpressionEvent, topic='expression_events'):
    """Return a publisher that keeps several events at once, as that of the pipeline does."""
    publisher = robot.node.create_publisher(kind, topic, 100)
    robot.wait_for(publisher.get_subscription_count, 'subscription')
    return publisher


def send_until(robot, publisher, message, condition):
    """Publish repeatedly: best effort can lose a message, and current data becomes old."""

    def attempt():
        publisher.publish(message)
        return condition()

    return robot.wait_for(attempt, f'effect of {message}')


def test_the_faces_of_the_newest_frame_have_all_known_values(robot):
    faces = Faces(robot.node, max_age=PATIENCE)
    assert faces.now() == []
    assert not faces.alive
    publisher = robot.publisher(FaceEmotionArray, 'face_emotions')
    send_until(robot, publisher, emotions(face('a1'), face('a2', z=math.nan)), faces.now)
    first, second = faces.now()
    assert (first.face_id, first.label, first.raw_label) == ('a1', 'happy', 'neutral')
    assert first.probabilities == {'happy': 0.75, 'neutral': 0.25}
    assert first.box == Box(10, 20, 30, 40)
    assert first.position == Position(0.1, -0.2, 1.5, pytest.approx(0.1))
    assert first.attributes == {'smile': 0.5}
    assert (first.stamp, first.frame_id) == (STAMP, 'eye')
    assert second.position is None
    send_until(robot, publisher, emotions(), lambda: not faces.now())
    assert faces.alive, 'nobody in view is not nothing that runs'


def test_old_faces_are_not_current(robot):
    faces = Faces(robot.node, max_age=0.3)
    publisher = robot.publisher(FaceEmotionArray, 'face_emotions')
    send_until(robot, publisher, emotions(face('a1')), faces.now)
    robot.wait_for(lambda: not faces.now(), 'end of now')
    assert not faces.alive


def test_events_reach_callbacks_registered_in_either_way(robot):
    seen = []
    faces = Faces(robot.node, on_appeared=lambda event: seen.append(('argument', event)))

    @faces.on_appeared
    @faces.on_changed
    @faces.on_left
    def note(event):
        seen.append(('decorator', event))

    publisher = event_publisher(robot)
    publisher.publish(event(ExpressionEvent.APPEARED, 'neutral'))
    robot.wait_for(lambda: len(seen) == 2, 'appeared, twice')
    publisher.publish(event(ExpressionEvent.CHANGED, 'happy', previous='neutral'))
    robot.wait_for(lambda: len(seen) == 3, 'changed')
    publisher.publish(event(ExpressionEvent.LEFT, 'happy'))
    robot.wait_for(lambda: len(seen) == 4, 'left')
    assert [(how, e.type) for how, e in seen] == [
        ('argument', EventType.APPEARED),
        ('decorator', EventType.APPEARED),
        ('decorator', EventType.CHANGED),
        ('decorator', EventType.LEFT),
    ]
    changed = seen[2][1]
    assert (changed.face_id, changed.label, changed.previous_label) == ('a1', 'happy', 'neutral')
    assert changed.duration == 2.5
    assert changed.position is None


def test_look_events_reach_their_callbacks(robot):
    seen = []
    faces = Faces(robot.node, on_looks=lambda event: seen.append(('looks', event)))

    @faces.on_looks_away
    def note(event):
        seen.append(('away', event))

    publisher = event_publisher(robot, AttentionEvent, 'attention_events')
    for kind in (AttentionEvent.LOOKS, AttentionEvent.LOOKS_AWAY):
        publisher.publish(
            AttentionEvent(
                header=header(STAMP, 'eye'),
                type=kind,
                face_id='a1',
                probability=0.75,
                duration=Duration(sec=1, nanosec=500_000_000),
                roi=ROI,
            )
        )
    robot.wait_for(lambda: len(seen) == 2, 'looks and away')
    assert [(how, event.type) for how, event in seen] == [
        ('looks', AttentionType.LOOKS),
        ('away', AttentionType.LOOKS_AWAY),
    ]
    assert (seen[1][1].face_id, seen[1][1].probability, seen[1][1].duration) == ('a1', 0.75, 1.5)


def test_a_pipeline_in_another_namespace_is_received(robot):
    faces = Faces(robot.node, namespace='/robot1/')
    publisher = robot.publisher(FaceEmotionArray, '/robot1/face_emotions')
    send_until(robot, publisher, emotions(face('a1')), faces.now)


def test_close_unsubscribes_and_leaves_the_node_running(robot):
    with Faces(robot.node):
        robot.wait_for(
            lambda: robot.node.count_subscribers('expression_events') == 1, 'subscription'
        )
    robot.wait_for(
        lambda: robot.node.count_subscribers('expression_events') == 0, 'no subscription'
    )
    assert robot.node.create_publisher(String, 'still_there', 1)


def test_spin_ends_with_the_context_on_any_thread(robot):
    context = rclpy.Context()
    rclpy.init(context=context, domain_id=robot.domain)
    node = Node('spun', context=context)
    thread = threading.Thread(target=spin, args=(node,))
    thread.start()
    robot.wait_for(lambda: 'spun' in robot.node.get_node_names(), 'node')
    rclpy.shutdown(context=context)
    thread.join(PATIENCE)
    assert not thread.is_alive()


@pytest.mark.parametrize('own', ['', 'own.xml'])
def test_a_program_that_leaves_rclpy_to_faces_has_the_profile_of_the_nodes(own, robot):
    names = ('FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE')
    environment = {name: text for name, text in os.environ.items() if name not in names}
    environment |= {names[0]: own} if own else {}
    program = (
        'import os; from fer_ros.robot import Faces; faces = Faces(); faces.close(); '
        f'print(*(os.environ.get(name, "") for name in {names}))'
    )
    ended = subprocess.run(
        [sys.executable, '-c', program],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
        timeout=PATIENCE,
    )
    assert (own or 'config/fastdds.xml') in ended.stdout
    assert not own or 'config' not in ended.stdout


def test_an_age_that_is_not_positive_is_refused(robot):
    with pytest.raises(ValueError, match='max_age is 0: use a value above 0 seconds'):
        Faces(robot.node, max_age=0)


class Example:
    """A program as a person starts it. It ends with the test."""

    def __init__(self, robot: Robot, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, '-u', *arguments],
            env={**os.environ, 'ROS_DOMAIN_ID': str(robot.domain)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def stop(self) -> str:
        """Interrupt it and return the rest of its output."""
        self.process.send_signal(signal.SIGINT)
        output, _ = self.process.communicate(timeout=PATIENCE)
        assert self.process.returncode == 0, output
        assert 'Traceback' not in output
        return output


def test_greet_greets_each_face_once_when_it_smiles(robot):
    said = robot.listen(String, 'say')
    example = Example(robot, '-m', 'fer_ros', 'greet')
    publisher = event_publisher(robot)
    robot.wait_for(lambda: robot.node.count_publishers('say'), 'publisher of say')
    publisher.publish(event(ExpressionEvent.APPEARED, 'neutral', 'a1'))
    publisher.publish(event(ExpressionEvent.CHANGED, 'happy', 'a1', 'neutral'))
    robot.wait_for(lambda: len(said) == 1, 'a greeting')
    publisher.publish(event(ExpressionEvent.CHANGED, 'sad', 'a1', 'happy'))
    publisher.publish(event(ExpressionEvent.CHANGED, 'happy', 'a1', 'sad'))
    publisher.publish(event(ExpressionEvent.APPEARED, 'happy', 'a2'))
    robot.wait_for(lambda: len(said) == 2, 'a greeting of another')
    publisher.publish(event(ExpressionEvent.LEFT, 'happy', 'a1'))
    publisher.publish(event(ExpressionEvent.APPEARED, 'happy', 'a1'))
    robot.wait_for(lambda: len(said) == 3, 'a greeting after it came again')
    example.stop()


def head(z: float) -> PoseWithCovariance:
    """Return a head that faces the camera."""
    turn = Quaternion(x=0.5, y=0.5, z=-0.5, w=0.5)
    return PoseWithCovariance(pose=Pose(position=Point(x=0.1, y=-0.2, z=z), orientation=turn))


def test_look_at_who_looks_points_at_the_nearest_looking_face(robot):
    points = robot.listen(PointStamped, 'gaze_target')
    example = Example(robot, '-m', 'fer_ros', 'look_at_who_looks')
    publisher = robot.publisher(FaceEmotionArray, 'face_emotions')
    far, near, away, nowhere = (face(name) for name in ('far', 'near', 'away', 'nowhere'))
    far.head_pose, near.head_pose, away.head_pose = head(3.0), head(0.5), head(0.3)
    far.looks = near.looks = nowhere.looks = True
    message = emotions(far, near, away, nowhere)
    send_until(robot, publisher, message, lambda: points)
    assert (points[0].point.x, points[0].point.y, points[0].point.z) == (0.1, -0.2, 0.5)
    assert points[0].header == header(STAMP, 'eye')
    example.stop()


def test_the_documented_program_reacts_to_a_smile(robot):
    program = documented_program('@faces.on_appeared')
    assert len(program.splitlines()) < 20
    example = Example(robot, '-c', program)
    publisher = event_publisher(robot)
    publisher.publish(event(ExpressionEvent.APPEARED, 'neutral'))
    publisher.publish(event(ExpressionEvent.CHANGED, 'happy', previous='neutral'))
    assert example.process.stdout.readline() == 'a1 smiles (0.75)\n'
    assert example.stop() == ''


def test_the_documented_program_reports_looking_faces(robot):
    example = Example(robot, '-c', documented_program('@faces.on_looks'))
    publisher = event_publisher(robot, AttentionEvent, 'attention_events')
    publisher.publish(
        AttentionEvent(type=AttentionEvent.LOOKS, face_id='a1', header=header(STAMP, 'eye'))
    )
    assert example.process.stdout.readline() == 'a1 looks here\n'
    assert example.stop() == ''


def test_the_documented_subscription_receives_changes(robot):
    program = documented_program("node = rclpy.create_node('listener')")
    example = subprocess.Popen(
        [sys.executable, '-u', '-c', program],
        env={**os.environ, 'ROS_DOMAIN_ID': str(robot.domain)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        publisher = event_publisher(robot)
        publisher.publish(event(ExpressionEvent.CHANGED, 'happy', previous='neutral'))
        assert example.stdout.readline() == 'a1 neutral -> happy\n'
    finally:
        example.kill()
        example.communicate()


@pytest.mark.parametrize('name', ['greet', 'look_at_who_looks'])
def test_an_example_is_short(name):
    assert len((EXAMPLES / f'{name}.py').read_text().splitlines()) < 40

"""Time is the time of header stamps: rates, simulated time, a camera that dies."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CompressedImage
from support.clips import face_at, plain_wall
from support.promises import ON_TIME

from fer_msgs.msg import ExpressionEvent, FaceEmotionArray
from fer_ros.ros import messages
from fer_ros.ros.messages import stamp_from_time

SECOND = 1_000_000_000
NODES = ('face_detector_node', 'emotion_classifier_node')
TOPIC = 'usb_cam/image_raw'


@pytest.fixture(scope='module')
def pictures(photographs) -> dict[str, bytes]:
    (still,) = face_at(photographs, [(320, 240)])
    return {
        name: cv2.imencode('.jpg', cv2.resize(image, (320, 240)))[1].tobytes()
        for name, image in (('face', still.image), ('nobody', plain_wall()))
    }


class Scene:
    """A recording played with its own clock. Each frame follows the answer to the previous one."""

    def __init__(self, robot, pictures: dict[str, bytes]) -> None:
        self.robot = robot
        self.pictures = pictures
        self.clock = robot.publisher(Clock, '/clock')
        self.camera = robot.publisher(CompressedImage, f'{TOPIC}/compressed')
        self.emotions = robot.listen(FaceEmotionArray, 'face_emotions')
        self.events = robot.listen(ExpressionEvent, 'expression_events')

    def play(self, start: float, fps: float) -> list[tuple[int, str, float]]:
        """Show a face between two empty scenes; return type, label and time of the events."""
        first = len(self.events)
        for index in range(round(6.0 * fps)):
            time = index / fps
            self.show(start + time, 'face' if 0.5 <= time < 2.5 else 'nobody')
        self.robot.wait_for(
            lambda: any(e.type == ExpressionEvent.LEFT for e in self.events[first:]), 'LEFT'
        )
        return [
            (e.type, e.label, stamp_from_time(e.header.stamp) / SECOND - start)
            for e in self.events[first:]
        ]

    def show(self, seconds: float, picture: str) -> None:
        stamp = round(seconds * SECOND)
        self.clock.publish(Clock(clock=messages.time_from_stamp(stamp)))
        message = messages.compressed_message(stamp, 'eye', self.pictures[picture])

        def answered() -> bool:
            return any(stamp_from_time(m.header.stamp) == stamp for m in self.emotions[-3:])

        self.camera.publish(message)
        waited = 0

        def answered_or_sent_again() -> bool:
            nonlocal waited
            waited += 1
            if waited % 50 == 0:
                self.camera.publish(message)
            return answered()

        self.robot.wait_for(answered_or_sent_again, f'answer to the frame at {seconds} s')


@pytest.fixture(scope='module')
def scene(bring_up, pictures):
    robot = bring_up(
        image_topic=TOPIC,
        single_process='true',
        use_sim_time='true',
        namespace='robot1',
        parameters={'face_detector_node': {'image_transport': 'compressed'}},
    )
    for node in NODES:
        robot.wait_for_state(node, 'active')
    return Scene(robot, pictures)


@pytest.fixture(scope='module')
def played(scene):
    """The same scene at two rates, one after the other."""
    return {fps: scene.play(start, fps) for fps, start in ((5.0, 100.0), (30.0, 200.0))}


def test_without_a_clock_diagnostics_are_published(scene):
    scene.robot.wait_for_status('face_detector_node', lambda s: True, 'any')


@pytest.mark.parametrize('fps', [5.0, 30.0])
def test_a_face_appears_and_leaves_once(played, fps):
    kinds = [kind for kind, _, _ in played[fps]]
    assert kinds[0] == ExpressionEvent.APPEARED
    assert kinds[-1] == ExpressionEvent.LEFT
    assert kinds.count(ExpressionEvent.APPEARED) == kinds.count(ExpressionEvent.LEFT) == 1


@ON_TIME
def test_the_same_scene_gives_the_same_events_at_5_and_at_30_hz(played):
    assert [event[:2] for event in played[5.0]] == [event[:2] for event in played[30.0]]
    times = np.array([[event[2] for event in played[fps]] for fps in (5.0, 30.0)])
    # Two frames of 0.2 s confirm a face and make its label steady; it leaves on a frame.
    assert np.abs(times[0] - times[1]).max() <= 0.45


def test_latency_is_measured_by_the_simulated_clock(scene, played):
    """The simulated clock did not advance. The system clock would give half a century."""
    told = scene.robot.wait_for(
        lambda: [
            float(value.value)
            for status in scene.robot.statuses
            if 'classifier' in status.name
            for value in status.values
            if value.key == 'latency_max_ms'
        ],
        'a latency',
    )
    assert max(told) < 60_000


def test_a_restarted_recording_lets_the_face_leave_and_appear_again(scene, played):
    for step in range(6):
        scene.show(400 + step / 5, 'face')
    scene.robot.wait_for(lambda: scene.events[-1].type == ExpressionEvent.APPEARED, 'APPEARED')
    before = scene.events[-1].face_id
    count = len(scene.events)
    for step in range(6):
        scene.show(100 + step / 5, 'face')
    scene.robot.wait_for(lambda: len(scene.events) == count + 2, 'LEFT and APPEARED')
    left, appeared = scene.events[count:]
    assert (left.type, left.face_id) == (ExpressionEvent.LEFT, before)
    assert appeared.type == ExpressionEvent.APPEARED
    assert appeared.face_id != before
    log = scene.robot.log('single_process')
    assert log.count('time jumped back') == 2, 'one warning of each node'


def test_when_the_camera_dies_faces_leave_after_the_timeout(bring_up_once, photographs, tmp_path):
    (still,) = face_at(photographs, [(320, 240)])
    cv2.imwrite(str(tmp_path / 'face.png'), still.image)
    robot = bring_up_once(source=str(tmp_path / 'face.png'), allow_death=True)
    events = robot.listen(ExpressionEvent, 'expression_events')
    # The picture is repeated, so a late subscriber also sees the face.
    emotions = robot.listen(FaceEmotionArray, 'face_emotions')
    robot.wait_for(lambda: emotions and emotions[-1].faces, 'a face')
    robot.wait_for_status(
        'emotion_classifier_node',
        lambda s: any(v.key == 'processed' and int(v.value) > 10 for v in s.values),
        'ten frames',
    )
    robot.process('camera_node').kill()
    left = robot.wait_for(
        lambda: next((e for e in events if e.type == ExpressionEvent.LEFT), None), 'LEFT'
    )
    assert left.face_id == emotions[-1].faces[0].face_id
    for node in NODES:
        assert robot.state(node) == 'active'

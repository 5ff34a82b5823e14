"""privacy:=true: no image leaves the process. The switch of the camera."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from std_msgs.msg import Bool
from std_srvs.srv import SetBool
from support.clips import face_at, nobody, write_clip
from support.nodes import node_process
from support.robot import Robot

from fer_msgs.msg import ExpressionEvent, FaceEmotionArray

PROCESS = 'single_process'
CAMERA, DETECTOR, CLASSIFIER = 'camera_node', 'face_detector_node', 'emotion_classifier_node'
#: Beside what is declared: what every ROS node and every lifecycle node publishes.
OF_ROS = {'/parameter_events', '/rosout'}
PICTURE_TYPES = {
    'sensor_msgs/msg/Image',
    'sensor_msgs/msg/CompressedImage',
    'fer_msgs/msg/FaceArray',
}
DECLARED = yaml.safe_load(
    (Path(__file__).resolve().parents[2] / 'config' / 'personal_data.yaml').read_text()
)


@pytest.fixture(scope='module')
def robot(bring_up, photographs, tmp_path_factory):
    """Play a face that appears and leaves repeatedly."""
    face = [still.image for still in face_at(photographs, [(320, 240)] * 12)]
    clip = write_clip(tmp_path_factory.mktemp('clip') / 'face.avi', [*face, *nobody(10)], fps=10.0)
    robot = bring_up(
        parameters={DETECTOR: {'track_timeout': 0.5}, CLASSIFIER: {'track_timeout': 0.5}},
        source=str(clip),
        privacy='true',
        markers='true',
    )
    robot.clip = str(clip)
    robot.wait_for_state(CAMERA, 'active')
    return robot


def published(robot) -> dict[str, set[str]]:
    """Return the topics that the nodes of the robot publish, with their types."""
    names = {name for name, _ in robot.node.get_node_names_and_namespaces()}
    found: dict[str, set[str]] = {}
    for node in names - {'observer'}:
        topics = robot.node.get_publisher_names_and_types_by_node(node, '/')
        for name, kinds in topics:
            if name not in OF_ROS and not name.endswith('/transition_event'):
                found.setdefault(name, set()).update(kinds)
    return found


def switch(robot, on: bool) -> SetBool.Response:
    return robot.call(SetBool, f'{CAMERA}/enable', SetBool.Request(data=on))


def holds(robot, file: str, name: str = PROCESS) -> bool:
    folder = f'/proc/{robot.process(name).pid}/fd'
    for entry in os.listdir(folder):
        try:
            if os.readlink(f'{folder}/{entry}') == file:
                return True
        except FileNotFoundError:
            continue
    return False


class TestPictures:
    def test_expressions_and_events_are_the_same_as_without_privacy(self, robot):
        emotions = robot.listen(FaceEmotionArray, 'face_emotions')
        events = robot.listen(ExpressionEvent, 'expression_events')
        robot.wait_for(lambda: any(m.faces for m in emotions), 'a face in face_emotions')
        robot.wait_for(lambda: {e.type for e in events} >= {1, 3}, 'it appears and leaves')

    def test_image_topics_do_not_exist_and_all_others_do(self, robot):
        expected = {
            name.replace('~', f'/{node}') if name.startswith(('~', '/')) else f'/{name}'
            for node in (CAMERA, DETECTOR, CLASSIFIER, 'marker_node')
            for name, kind in DECLARED['nodes'][node]['publishes'].items()
            if kind != 'picture'
        }
        robot.wait_for(lambda: set(published(robot)) == expected, f'exactly {sorted(expected)}')

    def test_no_message_that_can_contain_an_image_is_published(self, robot):
        for name, kinds in robot.node.get_topic_names_and_types():
            if PICTURE_TYPES & set(kinds):
                assert robot.node.count_publishers(name) == 0, name

    def test_privacy_cannot_be_switched_off_at_run_time(self, robot):
        for node in (CAMERA, DETECTOR):
            assert robot.get_parameter(node, 'privacy') is True
            assert 'read-only' in robot.refusal(node, privacy=False)

    def test_a_face_that_returns_has_another_id(self, robot):
        events = robot.listen(ExpressionEvent, 'expression_events')
        appeared = ExpressionEvent.APPEARED
        robot.wait_for(lambda: sum(e.type == appeared for e in events) >= 2, 'two presences')
        ids = [event.face_id for event in events if event.type == appeared]
        assert len(set(ids)) == len(ids)


class TestSwitch:
    @pytest.fixture
    def states(self, robot):
        """Record the states that a program receives that starts late."""
        states: list[bool] = []
        subscription = robot.node.create_subscription(
            Bool,
            f'{CAMERA}/enabled',
            lambda message: states.append(message.data),
            QoSProfile(
                depth=1,
                reliability=ReliabilityPolicy.RELIABLE,
                durability=DurabilityPolicy.TRANSIENT_LOCAL,
            ),
        )
        yield states
        robot.node.destroy_subscription(subscription)
        assert switch(robot, True).success

    def test_off_closes_the_device_and_on_opens_it_again(self, robot, states):
        robot.wait_for(lambda: states == [True], 'the state for who comes late')
        assert holds(robot, robot.clip)
        assert switch(robot, False).success
        assert robot.state(CAMERA) == 'inactive'
        assert not holds(robot, robot.clip)
        robot.wait_for(lambda: states[-1] is False, 'enabled: false')
        response = switch(robot, True)
        assert (response.success, response.message) == (True, 'active')
        assert robot.state(CAMERA) == 'active'
        assert holds(robot, robot.clip)
        robot.wait_for(lambda: states == [True, False, True], 'one message for each change')

    def test_a_lifecycle_transition_changes_the_state_of_the_switch(self, robot, states):
        robot.wait_for(lambda: states == [True], 'the state for who comes late')
        assert robot.transition(CAMERA, 'deactivate')
        assert not holds(robot, robot.clip)
        robot.wait_for(lambda: states[-1] is False, 'enabled: false')

    def test_switching_twice_is_not_an_error(self, robot, states):
        assert switch(robot, True).success
        assert switch(robot, False).success
        assert switch(robot, False).success
        assert robot.state(CAMERA) == 'inactive'

    def test_the_camera_can_be_switched_on_from_unconfigured(self, robot, states):
        assert switch(robot, False).success
        assert robot.transition(CAMERA, 'cleanup')
        assert switch(robot, True).success
        assert robot.state(CAMERA) == 'active'

    def test_a_failed_switch_answers_with_the_reason(self, robot, states):
        assert switch(robot, False).success
        robot.accept(CAMERA, source='/nowhere/clip.mp4')
        response = switch(robot, True)
        assert not response.success
        assert '/nowhere/clip.mp4' in response.message
        assert robot.state(CAMERA) == 'inactive'
        assert True not in states[1:]
        robot.accept(CAMERA, source=robot.clip)


@pytest.mark.parametrize(
    ('executable', 'reason'),
    [
        (CAMERA, 'no other node in it uses them: start pipeline.launch.py privacy:=true'),
        (DETECTOR, 'no other node in it uses them: start pipeline.launch.py privacy:=true'),
        ('overlay_node', 'overlay carries pictures, but privacy keeps them inside the process'),
    ],
)
def test_a_separate_node_that_would_publish_images_does_not_start(tmp_path, executable, reason):
    with Robot([node_process(executable, privacy=True)], tmp_path) as robot:
        robot.wait_for_log(executable, reason)
        assert robot.state(executable) == 'unconfigured'

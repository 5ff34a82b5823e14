"""Late subscribers receive no old data: no image is kept while the camera is off."""

from __future__ import annotations

import time

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from std_msgs.msg import Bool
from std_srvs.srv import SetBool
from support.nodes import RUNNING, WHOLE

from fer_msgs.msg import ExpressionEvent
from fer_ros.ros.contract import DIAGNOSTICS_TOPIC, LATCHED, NODES
from fer_ros.ros.messages import message_type

CAMERA = 'camera_node'
TRACK_TIMEOUT = 0.5

#: All topics of the bring-up but diagnostics and what is meant to be latched.
TOPICS = {
    topic.name: message_type(topic.type)
    for name in RUNNING
    for topic in NODES[name].publishes
    if topic is not DIAGNOSTICS_TOPIC and topic.qos != LATCHED
}


@pytest.fixture(scope='module')
def robot(bring_up):
    """Show faces until every topic has had a message, then turn the camera off."""
    timeout = {'track_timeout': TRACK_TIMEOUT}
    robot = bring_up(
        source='demo',
        # Few frames leave the processor to other tests.
        parameters={
            CAMERA: {'fps': 10.0},
            'face_detector_node': timeout,
            'emotion_classifier_node': timeout,
        },
        **WHOLE,
    )
    messages = {name: robot.listen(kind, name) for name, kind in TOPICS.items()}
    robot.wait_for(lambda: all(messages.values()), 'a message on every topic')
    assert robot.call(SetBool, f'{CAMERA}/enable', SetBool.Request(data=False)).success
    events = messages['expression_events']

    def present() -> set[str]:
        # By name: a face that appeared before the subscription is only seen to leave.
        appeared, left = (
            {event.face_id for event in events if event.type == kind}
            for kind in (ExpressionEvent.APPEARED, ExpressionEvent.LEFT)
        )
        return appeared - left

    robot.wait_for(lambda: not present(), 'all faces left')
    return robot


def late(robot, kind, name: str, durability: DurabilityPolicy) -> list:
    """Subscribe and return the list that messages are added to."""
    messages: list = []
    robot.node.create_subscription(
        kind,
        name,
        messages.append,
        QoSProfile(depth=10, reliability=ReliabilityPolicy.RELIABLE, durability=durability),
    )
    return messages


def test_with_the_camera_off_late_subscribers_receive_nothing(robot):
    came = {}
    for name, kind in TOPICS.items():
        # As `ros2 topic echo` does: it asks for what is offered.
        (offered,) = {
            info.qos_profile.durability
            for info in robot.node.get_publishers_info_by_topic(
                robot.node.resolve_topic_name(name)
            )
        }
        came[name] = [
            late(robot, kind, name, durability)
            for durability in (offered, DurabilityPolicy.TRANSIENT_LOCAL)
        ]
    # What is latched shows that late subscriptions have been served by then.
    state = late(robot, Bool, f'{CAMERA}/enabled', DurabilityPolicy.TRANSIENT_LOCAL)
    robot.wait_for(lambda: state, 'the state of the camera')
    time.sleep(2.0)
    assert [message.data for message in state] == [False]
    assert {name for name, lists in came.items() if any(lists)} == set()


@pytest.mark.parametrize('name', TOPICS)
def test_the_topics_are_offered_as_volatile(robot, name):
    for info in robot.node.get_publishers_info_by_topic(robot.node.resolve_topic_name(name)):
        assert info.qos_profile.durability == DurabilityPolicy.VOLATILE, info.node_name
        assert info.qos_profile.reliability == ReliabilityPolicy.RELIABLE, info.node_name

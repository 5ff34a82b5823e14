"""Points of a TF frame in the camera's, and cameras that an arm turns.

tf2_ros needs a C++ library that PyPI does not have. A module with the used names replaces it.
Nodes and subscriptions are real.
"""

from __future__ import annotations

import sys
import time
from types import ModuleType, SimpleNamespace

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

import rclpy
from builtin_interfaces.msg import Time
from geometry_msgs.msg import Quaternion, Transform, TransformStamped, Vector3
from rclpy.executors import SingleThreadedExecutor
from rclpy.parameter import Parameter
from std_msgs.msg import Header
from support.robot import free_domain
from support.waiting import PATIENCE

from fer_ros.core.errors import FerError
from fer_ros.core.upright import Upright
from fer_ros.ros.base.qos import qos_profile
from fer_ros.ros.base.transforms import Transforms
from fer_ros.ros.contract.qos import STATIC_TRANSFORMS, TRANSFORMS
from fer_ros.ros.nodes.emotion_classifier_node import EmotionClassifierNode
from fer_ros.ros.nodes.face_detector_node import FaceDetectorNode

SECOND = 1_000_000_000


class StandIn(ModuleType):
    """The parts of tf2_ros that are used."""

    class TransformException(Exception):  # noqa: N818
        """No transform."""

    class ExtrapolationException(TransformException):
        """No transform at this time."""

    def __init__(self):
        super().__init__('tf2_ros')

    def Buffer(self):  # noqa: N802
        return Buffer(self)


class Buffer:
    """Transforms by target and source; static ones by None instead of a time."""

    def __init__(self, module: StandIn) -> None:
        self.module = module
        self.known: dict[tuple[str, str], dict[int | None, Transform]] = {}

    def set_transform(self, stamped, authority: str) -> None:
        at = stamped.header.stamp
        self._add(stamped, at.sec * SECOND + at.nanosec)

    def set_transform_static(self, stamped, authority: str) -> None:
        self._add(stamped, None)

    def _add(self, stamped, stamp: int | None) -> None:
        known = self.known.setdefault((stamped.header.frame_id, stamped.child_frame_id), {})
        known[stamp] = stamped.transform

    def lookup_transform(self, target: str, source: str, at):
        known = self.known.get((target, source))
        if not known:
            raise self.module.TransformException('not yet')
        stamp = None if None in known else at.nanoseconds or max(known)
        if stamp not in known:
            raise self.module.ExtrapolationException('into the future')
        return SimpleNamespace(transform=known[stamp])


@pytest.fixture
def context():
    with free_domain() as domain:
        context = rclpy.Context()
        rclpy.init(context=context, domain_id=domain)
        yield context
        rclpy.shutdown(context=context)


@pytest.fixture
def node(context):
    """Return a function that creates a detector whose upright_frame is set."""
    nodes = []

    def create(frame: str, kind=FaceDetectorNode, parameter: str = 'upright_frame'):
        nodes.append(
            kind(context=context, parameter_overrides=[Parameter(parameter, value=frame)])
        )
        return nodes[-1]

    yield create
    for node in nodes:
        node.destroy_node()


@pytest.fixture
def tf2(monkeypatch):
    module = StandIn()
    monkeypatch.setitem(sys.modules, 'tf2_ros', module)
    return module


def stamped(stamp: int, x: float, turn: tuple[float, float] = (0.0, 1.0)) -> TransformStamped:
    """Return where head is for the camera eye; turn: z and w of the rotation."""
    at = Time(sec=stamp // SECOND, nanosec=stamp % SECOND)
    return TransformStamped(
        header=Header(stamp=at, frame_id='eye'),
        child_frame_id='head',
        transform=Transform(
            translation=Vector3(x=x, y=0.2, z=0.1), rotation=Quaternion(z=turn[0], w=turn[1])
        ),
    )


def test_without_a_frame_tf2_is_not_needed(monkeypatch, node):
    monkeypatch.setitem(sys.modules, 'tf2_ros', None)
    transforms = Transforms(node(''), 'upright_frame')
    transforms.subscribe()
    assert transforms.in_camera((1.0, 2.0, 3.0), 'eye', 5) == (1.0, 2.0, 3.0)
    assert transforms.up_in_camera('eye', 5) is None
    assert transforms.error == ''


def test_without_tf2_a_frame_is_refused_with_the_remedy(monkeypatch, node):
    monkeypatch.setitem(sys.modules, 'tf2_ros', None)
    with pytest.raises(FerError, match=r'upright_frame is head, and tf2_ros .*: install ros-'):
        Transforms(node('head'), 'upright_frame')


def test_a_point_is_transformed_into_the_camera_frame(tf2, node):
    transforms = Transforms(node('head'), 'upright_frame')
    assert transforms.in_camera((0.0, 0.0, 0.0), 'eye', 5) is None
    assert transforms.error == 'no transform from head to eye: not yet'
    # A quarter turn about z, and a shift.
    transforms._buffer.set_transform_static(stamped(0, 0.0, (0.5**0.5, 0.5**0.5)), '')
    assert transforms.in_camera((1.0, 0.0, 0.0), 'eye', 5) == pytest.approx((0.0, 1.2, 0.1))
    assert transforms.error == ''


def test_the_transform_has_the_time_of_the_image_or_is_the_newest_and_counted(tf2, node):
    detector = node('head')
    transforms = Transforms(detector, 'upright_frame')
    for second in (1, 2, 3):
        transforms._buffer.set_transform(stamped(second * SECOND, float(second)), '')

    def x_at(second: int) -> float:
        return transforms.in_camera((0.0, 0.0, 0.0), 'eye', second * SECOND)[0]

    assert [x_at(second) for second in (1, 2, 3)] == [1.0, 2.0, 3.0]
    assert 'newest_transform' not in detector.statistics.report()
    assert x_at(4) == 3.0
    assert detector.statistics.report()['newest_transform'] == '1'
    assert transforms.error == ''


@pytest.mark.parametrize(
    ('kind', 'parameter'),
    [(FaceDetectorNode, 'upright_frame'), (EmotionClassifierNode, 'regard_frame')],
)
def test_a_node_subscribes_to_tf_only_while_it_is_active(tf2, node, kind, parameter, monkeypatch):
    # tf2_msgs is not on PyPI, either. Any other message type can be subscribed to.
    module = ModuleType('tf2_msgs.msg')
    module.TFMessage = TransformStamped
    monkeypatch.setitem(sys.modules, 'tf2_msgs', ModuleType('tf2_msgs'))
    monkeypatch.setitem(sys.modules, 'tf2_msgs.msg', module)
    one = node('head', kind, parameter)

    def subscribed() -> list[str]:
        return sorted(s.topic_name for s in one.subscriptions if s.topic_name.startswith('/tf'))

    for _ in range(3):
        one.trigger_configure()
        assert one.fault == ''
        assert subscribed() == []
        one.trigger_activate()
        assert subscribed() == ['/tf', '/tf_static']
        assert one.get_parameter('qos_overrides./tf.subscription.depth').value == 100
        one.trigger_deactivate()
        assert subscribed() == []
        one.trigger_cleanup()


def test_transforms_arrive_from_both_topics(tf2, node, context):
    tf2_msgs = pytest.importorskip('tf2_msgs.msg', reason='no tf2_msgs: install it with ROS')
    detector = node('head')
    other = rclpy.create_node('arm', context=context)
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(detector)
    transforms = Transforms(detector, 'upright_frame')
    for topic, qos in (('/tf_static', STATIC_TRANSFORMS), ('/tf', TRANSFORMS)):
        publisher = other.create_publisher(tf2_msgs.TFMessage, topic, qos_profile(qos))
        if qos is STATIC_TRANSFORMS:
            # Before there is a subscription.
            publisher.publish(tf2_msgs.TFMessage(transforms=[stamped(0, 1.0)]))
            transforms.subscribe()
        deadline = time.monotonic() + PATIENCE
        while transforms._buffer.known == {} and time.monotonic() < deadline:
            if qos is TRANSFORMS:
                publisher.publish(tf2_msgs.TFMessage(transforms=[stamped(SECOND, 2.0)]))
            executor.spin_once(timeout_sec=0.1)
        (stamp,) = transforms._buffer.known['eye', 'head']
        assert stamp == (None if qos is STATIC_TRANSFORMS else SECOND)
        transforms._buffer.known.clear()
    executor.shutdown()
    other.destroy_node()


@pytest.mark.parametrize(
    ('up', 'rotation'),
    [((0, -1, 0), 0), ((-1, 0, 0), 90), ((0, 1, 0), 180), ((1, 0, 0), 270), ((0.1, -0.9, 0.4), 0)],
)
def test_a_turned_camera_gets_the_rotation_that_makes_it_upright(up, rotation):
    assert Upright().turned_to(up).rotation == rotation


def test_the_rotation_stays_between_two_quarter_turns_and_when_looking_up():
    for present in (Upright(0), Upright(90)):
        assert present.turned_to((-0.7, -0.71, 0.0)) is present
        assert present.turned_to((0.1, 0.1, 0.99)) is present


def test_a_mirrored_image_is_turned_the_other_way():
    assert Upright(0, True).turned_to((-1.0, 0.0, 0.0)).rotation == 270

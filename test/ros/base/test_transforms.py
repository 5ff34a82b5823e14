"""Points of a TF frame in the camera's, and cameras that an arm turns.

tf2_ros needs a C++ library that PyPI does not have. If it is not installed, a module with the
three used names replaces it.
"""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')

from geometry_msgs.msg import Quaternion, Transform, Vector3

from fer_ros.core.errors import FerError
from fer_ros.core.upright import Upright
from fer_ros.ros.base.transforms import Transforms


class StandIn(ModuleType):
    """The parts of tf2_ros that are used. known: (target, source) to a transform."""

    class TransformException(Exception):  # noqa: N818
        """No transform."""

    def __init__(self):
        super().__init__('tf2_ros')
        self.known: dict[tuple[str, str], Transform] = {}
        self.listening = 0

    def TransformListener(self, buffer, node):  # noqa: N802
        self.listening += 1
        return SimpleNamespace(unregister=self._end)

    def _end(self):
        self.listening -= 1

    def Buffer(self):  # noqa: N802
        return SimpleNamespace(lookup_transform=self._lookup)

    def _lookup(self, target, source, time):
        assert time.nanoseconds == 0, 'the newest'
        if (target, source) not in self.known:
            raise self.TransformException('not yet')
        return SimpleNamespace(transform=self.known[target, source])


def node(frame: str):
    return SimpleNamespace(get_parameter=lambda name: SimpleNamespace(value=frame))


@pytest.fixture
def tf2(monkeypatch):
    module = StandIn()
    monkeypatch.setitem(sys.modules, 'tf2_ros', module)
    return module


def test_without_a_frame_tf2_is_not_needed(monkeypatch):
    monkeypatch.setitem(sys.modules, 'tf2_ros', None)
    transforms = Transforms(node(''), 'regard_frame')
    assert transforms.in_camera((1.0, 2.0, 3.0), 'eye') == (1.0, 2.0, 3.0)
    assert transforms.up_in_camera('eye') is None
    assert transforms.error == ''


def test_without_tf2_a_frame_is_refused_with_the_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, 'tf2_ros', None)
    with pytest.raises(FerError, match=r'regard_frame is head, and tf2_ros .*: install ros-'):
        Transforms(node('head'), 'regard_frame')


def test_closing_ends_the_subscriptions(tf2):
    transforms = Transforms(node('head'), 'regard_frame')
    assert tf2.listening == 1
    transforms.close()
    assert tf2.listening == 0


def test_a_point_is_transformed_into_the_camera_frame(tf2):
    transforms = Transforms(node('head'), 'regard_frame')
    assert transforms.in_camera((0.0, 0.0, 0.0), 'eye') is None
    assert transforms.error == 'no transform from head to eye: not yet'
    # A quarter turn about z, and a shift.
    tf2.known['eye', 'head'] = Transform(
        translation=Vector3(x=0.0, y=0.2, z=0.1),
        rotation=Quaternion(z=0.5**0.5, w=0.5**0.5),
    )
    assert transforms.in_camera((1.0, 0.0, 0.0), 'eye') == pytest.approx((0.0, 1.2, 0.1))
    assert transforms.error == ''


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

"""Head poses over time."""

from __future__ import annotations

import numpy as np
import pytest

from fer_ros.core.pose.estimate import FACING, PoseMeasurement
from fer_ros.core.pose.follow import HeadPoses
from fer_ros.core.pose.rotation import exp
from fer_ros.core.types import Position

PLACE = Position(0.0, 0.0, 1.0, 0.08)
NOISE = np.radians(3.0)


def measured(yaw: float, random: np.random.Generator | None = None) -> PoseMeasurement:
    """Return a head at a distance of one metre that is turned by `yaw` degrees."""
    vector = np.array([0.0, 0.0, np.radians(yaw)])
    if random is not None:
        vector += random.normal(0.0, NOISE, 3)
    variances = [1e-6, 1e-6, 1e-4, NOISE**2, NOISE**2, NOISE**2]
    return PoseMeasurement(
        FACING @ exp(vector), 0.0, 0.0, 0.0, np.diag(variances), 1e-6 * np.eye(6)
    )


def test_the_first_angles_are_the_measured_ones() -> None:
    assert HeadPoses().update('a', measured(30.0), PLACE, 0).angles == pytest.approx((30, 0, 0))


@pytest.mark.parametrize('rate', [10, 30, 60])
@pytest.mark.parametrize('speed', [30.0, 90.0])
def test_a_turning_head_is_followed_within_a_tenth_of_a_second(rate: int, speed: float) -> None:
    poses = HeadPoses()
    for frame in range(3 * rate):
        stamp = frame * 1_000_000_000 // rate
        yaw = max(0.0, stamp * 1e-9 - 1.0) * speed
        pose = poses.update('a', measured(yaw), PLACE, stamp)
        if yaw <= 75.0:
            assert (yaw - pose.angles[0]) / speed < 0.1


def test_a_still_head_trembles_less() -> None:
    random, poses = np.random.default_rng(3), HeadPoses()
    found = [
        poses.update('a', measured(0.0, random), PLACE, frame * 33_000_000) for frame in range(300)
    ]
    spread = np.std([pose.angles[0] for pose in found[30:]])
    assert spread < 0.7 * np.degrees(NOISE)
    promised = np.sqrt(found[-1].covariance[4, 4])
    assert np.radians(spread) == pytest.approx(promised, rel=0.4)


def test_the_distance_is_the_distance_of_the_face() -> None:
    pose = HeadPoses().update('a', measured(0.0), Position(0.0, 0.0, 2.0, 0.16), 0)
    assert pose.position == pytest.approx((0.0, 0.0, 2.0))
    assert np.sqrt(pose.covariance[2, 2]) == pytest.approx(0.16)


def test_a_face_that_returns_starts_again_and_others_continue() -> None:
    poses = HeadPoses()
    for second in range(3):
        poses.update('a', measured(0.0), PLACE, second * 1_000_000_000)
        pose = poses.update('b', measured(40.0 * second), PLACE, second * 1_000_000_000)
        assert pose.angles[0] == pytest.approx(40.0 * second)


def test_a_stamp_that_goes_back_starts_again() -> None:
    poses = HeadPoses()
    poses.update('a', measured(0.0), PLACE, 1_000_000_000)
    assert poses.update('a', measured(50.0), PLACE, 0).angles[0] == pytest.approx(50.0)

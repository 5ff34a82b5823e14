"""Attention: who looks at the robot, when events are sent, and the state of engagement."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.special import chndtr

from fer_ros.core.attention.attention import AttentionConfig, AttentionDetector
from fer_ros.core.attention.engagement import Engagement, EngagementConfig, EngagementDetector
from fer_ros.core.attention.facing import facing_probability, probability_in_disc
from fer_ros.core.pose.estimate import FACING
from fer_ros.core.pose.rotation import exp, quaternion
from fer_ros.core.types import AttentionType, Box, FaceEmotion, HeadPose, Position

SECOND = 1_000_000_000


def head(
    yaw: float, stddev: float = 5.0, place: tuple[float, float, float] = (0.0, 0.0, 1.0)
) -> HeadPose:
    covariance = np.eye(6) * np.radians(stddev) ** 2
    rotation = FACING @ exp(np.array([0.0, 0.0, np.radians(yaw)]))
    return HeadPose(place, quaternion(rotation), covariance)


def face(yaw: float | None, face_id: str = 'a', z: float = 1.0) -> FaceEmotion:
    return FaceEmotion(
        face_id,
        Box(0, 0, 10, 10),
        'happy',
        0.9,
        'happy',
        0.9,
        np.ones(1, np.float32),
        0.0,
        0.0,
        Position(0.0, 0.0, z, 0.1),
        head_pose=None if yaw is None else head(yaw),
    )


def test_the_probability_is_the_part_of_the_angle_within_the_cone() -> None:
    random = np.random.default_rng(4)
    for yaw, stddev in ((0.0, 5.0), (15.0, 5.0), (20.0, 8.0), (30.0, 10.0)):
        off = np.radians(yaw) + random.normal(0.0, np.radians(stddev), 20000)
        up = random.normal(0.0, np.radians(stddev), 20000)
        drawn = np.mean(np.hypot(off, up) < np.radians(20.0))
        found = facing_probability(head(yaw, stddev), (0.0, 0.0, 0.0), 20.0)
        assert found == pytest.approx(drawn, abs=0.02)


def test_the_probability_of_a_disc_equals_the_noncentral_chi_square() -> None:
    """The reference is SciPy. Cone and uncertainty range from 0.01 to 90 degrees."""
    for radius in (0.05, 0.3, 1.0, 2.5, 7.9, 8.1, 30.0, 150.0):
        for distance in (0.0, 0.2, 1.0, 3.0, 0.9 * radius, radius, 1.1 * radius, 300.0):
            found = probability_in_disc(radius, distance)
            assert found == pytest.approx(chndtr(radius**2, 2.0, distance**2), abs=1e-9)


def test_the_target_is_the_camera_and_not_its_axis() -> None:
    aside = (1.0, 0.0, 1.0)
    # Somebody right in the image faces the camera by turning to the image's left.
    assert facing_probability(head(-45.0, 5.0, aside), (0.0, 0.0, 0.0), 20.0) > 0.95
    assert facing_probability(head(0.0, 5.0, aside), (0.0, 0.0, 0.0), 20.0) < 0.05


def test_the_target_can_differ_from_the_camera() -> None:
    beside_camera = (1.0, 0.0, 0.0)
    assert facing_probability(head(45.0), beside_camera, 20.0) > 0.95
    assert facing_probability(head(45.0), (0.0, 0.0, 0.0), 20.0) < 0.05


def test_a_look_gives_one_start_and_one_end_with_its_duration() -> None:
    detector, told = AttentionDetector(), []
    for frame in range(180):
        yaw = 0.0 if 30 <= frame < 120 else 60.0
        stamp = frame * SECOND // 30
        (now,), events = detector.update([face(yaw)], stamp, 'camera')
        told += [(event, frame) for event in events]
        assert now.attention is not None
        assert 0.0 <= now.attention <= 1.0
    assert [event.type for event, _ in told] == [AttentionType.LOOKS, AttentionType.LOOKS_AWAY]
    assert 30 < told[0][1] < 30 + 30 * 0.6
    assert 120 < told[1][1] < 120 + 30 * 0.6
    assert told[1][0].duration == pytest.approx((told[1][1] - told[0][1]) / 30, abs=0.01)


def test_a_glance_gives_no_event() -> None:
    detector = AttentionDetector()
    for frame in range(90):
        yaw = 0.0 if 40 <= frame < 45 else 60.0
        assert detector.update([face(yaw)], frame * SECOND // 30, 'camera')[1] == []


def test_an_undecided_probability_changes_nothing() -> None:
    for before in (0.0, 60.0):
        detector = AttentionDetector()
        for frame in range(60):
            detector.update([face(before)], frame * SECOND // 30, 'camera')
        for frame in range(60, 240):
            # 20 degrees is the edge of the cone: about as probable as not.
            events = detector.update([face(19.5)], frame * SECOND // 30, 'camera')[1]
            assert events == []


@pytest.mark.parametrize('rate', [5, 30])
def test_the_frame_rate_hardly_changes_the_events(rate: int) -> None:
    detector = AttentionDetector()
    for frame in range(3 * rate):
        stamp = frame * SECOND // rate
        _, events = detector.update([face(0.0)], stamp, 'camera')
        if events:
            assert 0.2 < stamp / SECOND < 0.7
            return
    pytest.fail('no event came')


def test_a_face_that_leaves_while_looking_ends_its_look() -> None:
    detector = AttentionDetector()
    for frame in range(60):
        detector.update([face(0.0), face(0.0, 'b')], frame * SECOND // 30, 'camera')
    (event,) = detector.leave({'a'}, 2 * SECOND)
    assert (event.type, event.face_id) == (AttentionType.LOOKS_AWAY, 'a')
    assert detector.leave({'a'}, 2 * SECOND) == []
    assert detector.face_ids == {'b'}


def test_without_a_pose_there_is_no_attention() -> None:
    detector = AttentionDetector()
    for frame in range(60):
        (now,), events = detector.update([face(None)], frame * SECOND // 30, 'camera')
        assert (now.attention, now.looks, events) == (None, False, [])


@pytest.mark.parametrize(
    'wrong',
    [{'attention_cone': 0.0}, {'attention_cone': 91.0}, {'attention_hold': -1.0}],
)
def test_wrong_values_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match='must be'):
        replace(AttentionConfig(), **wrong)


def engagement_of(looks: list[bool], z: float = 1.0) -> list[Engagement]:
    """Return the engagement of a face once a second."""
    detector = EngagementDetector(EngagementConfig(engagement_time=2.0))
    return [
        detector.update(replace(face(0.0, z=z), looks=look), second * SECOND)
        for second, look in enumerate(looks)
    ]


def test_engagement_passes_through_its_four_states() -> None:
    looks = [False, True, True, True, True, False, True, False, False, False, False, True]
    names = [state.name for state in engagement_of(looks)]
    assert names == [
        'DISENGAGED',
        *['ENGAGING'] * 2,
        *['ENGAGED'] * 2,
        'DISENGAGING',
        'ENGAGED',
        *['DISENGAGING'] * 2,
        *['DISENGAGED'] * 2,
        'ENGAGING',
    ]


def test_a_distant_face_is_not_engaged() -> None:
    assert set(engagement_of([True] * 6, z=5.0)) == {Engagement.DISENGAGED}


def test_engagement_is_unknown_without_a_pose() -> None:
    detector = EngagementDetector()
    assert detector.update(face(None), 0) is Engagement.UNKNOWN

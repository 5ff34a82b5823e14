"""Events from labels: appeared, changed, left, and their times."""

from __future__ import annotations

import numpy as np
import pytest

from fer_ros.core.events import EventConfig, EventDetector
from fer_ros.core.tracking import TrackerConfig
from fer_ros.core.types import Box, EmotionSet, EventType, FaceEmotion, Position

NAMES = ('happy', 'sad', 'neutral')
MS = 1_000_000


def frame(stamp_ms: int, **labels: str) -> EmotionSet:
    """Return the emotions of one frame: label by face, '' for a face that has not appeared yet."""
    probabilities = np.array([0.5, 0.3, 0.2], dtype=np.float32)
    faces = tuple(
        FaceEmotion(
            face_id=face_id,
            box=Box(10.0 * stamp_ms, 0.0, 50.0, 60.0),
            label=label or 'uncertain',
            confidence=dict(zip(NAMES, probabilities.tolist(), strict=True)).get(label, 0.5),
            raw_label='sad',
            raw_confidence=0.5,
            probabilities=probabilities,
            valence=0.0,
            arousal=0.0,
            position=Position(0.0, 0.0, stamp_ms / 1000, 0.1),
            appeared=bool(label),
        )
        for face_id, label in labels.items()
    )
    return EmotionSet(stamp_ms * MS, 'camera', 640, 480, NAMES, 'model', '0' * 64, faces)


def detector(track_timeout: float = 1.0) -> EventDetector:
    return EventDetector(EventConfig(track_timeout=track_timeout))


def told(events):
    return [(event.type.name, event.face_id, event.label) for event in events]


def test_a_face_appears_with_its_label():
    events = detector()
    assert events.update(frame(0, a='')) == []
    (event,) = events.update(frame(200, a='sad'))
    assert event.type is EventType.APPEARED
    assert (event.face_id, event.label, event.previous_label) == ('a', 'sad', '')
    assert (event.stamp, event.frame_id, event.duration) == (200 * MS, 'camera', 0.0)
    assert event.confidence == pytest.approx(0.3)
    assert event.box.x == 2000.0
    assert (event.image_width, event.image_height) == (640, 480)
    assert event.position.z == pytest.approx(0.2)


def test_an_unchanged_label_gives_no_further_event():
    events = detector()
    events.update(frame(0, a='sad'))
    assert events.update(frame(33, a='sad')) == []


def test_a_change_has_both_labels_and_the_duration():
    events = detector()
    events.update(frame(0, a=''))
    events.update(frame(200, a='sad'))
    (event,) = events.update(frame(900, a='happy'))
    assert event.type is EventType.CHANGED
    assert (event.previous_label, event.label) == ('sad', 'happy')
    assert event.duration == pytest.approx(0.7)
    assert event.confidence == pytest.approx(0.5)


def test_a_face_leaves_after_the_timeout_and_not_before():
    events = detector(track_timeout=1.0)
    events.update(frame(0, a=''))
    events.update(frame(100, a='sad'))
    events.update(frame(500, a='sad'))
    assert events.update(frame(1500)) == []
    (event,) = events.update(frame(1501))
    assert event.type is EventType.LEFT
    assert (event.label, event.previous_label) == ('sad', '')
    assert event.stamp == 1501 * MS
    assert event.duration == pytest.approx(0.5), 'from the first to the last frame with the face'
    assert event.box.x == 5000.0, 'where it was last seen'
    assert events.update(frame(3000)) == []


def test_a_short_absence_gives_no_event():
    events = detector()
    events.update(frame(0, a='sad'))
    events.update(frame(500))
    assert events.update(frame(900, a='sad')) == []


def test_an_uncertain_face_appears_changes_to_its_first_label_and_leaves():
    events = detector()
    events.update(frame(0, a=''))
    (appeared,) = events.update(frame(200, a='uncertain'))
    assert (appeared.type, appeared.label) == (EventType.APPEARED, 'uncertain')
    assert appeared.confidence == pytest.approx(0.5), 'of the most probable class'
    assert events.update(frame(400, a='uncertain')) == []
    (changed,) = events.update(frame(600, a='sad'))
    assert (changed.type, changed.previous_label) == (EventType.CHANGED, 'uncertain')
    assert changed.duration == pytest.approx(0.4)
    assert told(events.expire(9000 * MS)) == [('LEFT', 'a', 'sad')]


def test_an_uncertain_face_gives_a_left_event():
    events = detector()
    events.update(frame(0, a='uncertain'))
    assert told(events.update(frame(5000))) == [('LEFT', 'a', 'uncertain')]


def test_a_face_that_never_appeared_gives_no_event():
    events = detector()
    events.update(frame(0, a=''))
    assert events.update(frame(5000)) == []
    assert not events.face_ids


def test_every_face_leaves_when_frames_stop():
    events = detector(track_timeout=1.0)
    events.update(frame(0, a='sad', b='happy', c=''))
    assert events.expire(1000 * MS) == []
    assert told(events.expire(1001 * MS)) == [('LEFT', 'a', 'sad'), ('LEFT', 'b', 'happy')]
    assert events.expire(9000 * MS) == []


def test_a_gap_ends_a_presence_even_without_a_call_during_the_gap():
    events = detector(track_timeout=1.0)
    events.update(frame(0, a='sad'))
    told_now = told(events.update(frame(5000, a='sad')))
    assert told_now == [('LEFT', 'a', 'sad'), ('APPEARED', 'a', 'sad')]


def test_a_reset_after_a_clock_change_makes_every_face_leave():
    events = detector()
    events.update(frame(5000, a='sad', b='happy'))
    events.update(frame(6000, a='sad', b='happy'))
    told_now = events.reset(100 * MS) + events.update(frame(100, c='neutral'))
    assert told(told_now) == [
        ('LEFT', 'a', 'sad'),
        ('LEFT', 'b', 'happy'),
        ('APPEARED', 'c', 'neutral'),
    ]
    assert {event.stamp for event in told_now} == {100 * MS}
    assert [event.duration for event in told_now] == pytest.approx([1.0, 1.0, 0.0])


def test_reset_ends_every_presence():
    events = detector()
    events.update(frame(1000, a='sad', b=''))
    assert told(events.reset(0)) == [('LEFT', 'a', 'sad')]
    assert not events.face_ids
    assert events.reset(0) == []


def test_faces_that_left_precede_the_faces_of_the_frame():
    events = detector()
    events.update(frame(0, z='sad', a='sad'))
    told_now = told(events.update(frame(2000, y='happy', b='happy')))
    assert told_now == [
        ('LEFT', 'z', 'sad'),
        ('LEFT', 'a', 'sad'),
        ('APPEARED', 'y', 'happy'),
        ('APPEARED', 'b', 'happy'),
    ]


def test_face_ids_lists_every_present_face():
    events = detector()
    events.update(frame(0, a='sad', b=''))
    assert events.face_ids == {'a', 'b'}


def test_a_face_leaves_when_its_identity_ends():
    assert EventConfig().track_timeout == TrackerConfig().track_timeout


@pytest.mark.parametrize('timeout', [0.0, -1.0, float('nan'), float('inf')])
def test_a_timeout_out_of_range_is_refused(timeout):
    with pytest.raises(ValueError, match='track_timeout'):
        EventConfig(track_timeout=timeout)

"""Properties of the events of any sequence of frames."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

pytest.importorskip('hypothesis', reason='the Python package hypothesis is not installed')

from hypothesis import given
from hypothesis import strategies as st

from fer_ros.core.events import EventConfig, EventDetector
from fer_ros.core.types import UNCERTAIN, Box, EmotionSet, EventType, FaceEmotion

NAMES = ('happy', 'sad', 'neutral')
MS = 1_000_000
TIMEOUT_S = 1.0

steps = st.lists(
    st.tuples(
        st.integers(min_value=-3000, max_value=3000),  # milliseconds to the frame before
        st.dictionaries(st.sampled_from('abc'), st.sampled_from(('', UNCERTAIN, *NAMES))),
        st.booleans(),  # whether a timer asks between the frames
    ),
    max_size=40,
)


def frame(stamp_ms, labels):
    probabilities = np.array([0.5, 0.3, 0.2], dtype=np.float32)
    faces = tuple(
        FaceEmotion(
            face_id,
            Box(0, 0, 9, 9),
            label or 'sad',
            0.3,
            'sad',
            0.3,
            probabilities,
            0.0,
            0.0,
            appeared=bool(label),
        )
        for face_id, label in labels.items()
    )
    return EmotionSet(stamp_ms * MS, 'camera', 64, 48, NAMES, 'model', '', faces)


def play(steps):
    """Return the events of all frames and of the end."""
    detector = EventDetector(EventConfig(TIMEOUT_S))
    events, now, known = [], 100_000, {}
    for elapsed, labels, timer in steps:
        if timer:
            events += detector.expire((now + max(elapsed, 0)) * MS)
        now = max(now + elapsed, 0)
        if elapsed < 0:
            events += detector.reset(now * MS)
        # A smoother never takes a label back while the face is known.
        known = {face_id: known[face_id] for face_id in known.keys() & detector.face_ids}
        known.update(
            {
                face_id: label
                for face_id, label in labels.items()
                if label and (label != UNCERTAIN or face_id not in known)
            }
        )
        seen = {face_id: known.get(face_id, '') for face_id in labels}
        events += detector.update(frame(now, seen))
    return events + detector.expire((now + 10_000) * MS)


def by_face(events):
    faces = {}
    for event in events:
        faces.setdefault(event.face_id, []).append(event)
    return faces


@given(steps)
def test_each_presence_is_appeared_changes_and_left_once(steps):
    for events in by_face(play(steps)).values():
        present = False
        for event in events:
            assert present == (event.type is not EventType.APPEARED)
            present = event.type is not EventType.LEFT
        assert not present, 'a face stays in the books of those who listen'


@given(steps)
def test_each_change_starts_from_the_label_of_the_previous_event(steps):
    for events in by_face(play(steps)).values():
        for before, event in itertools.pairwise(events):
            if event.type is EventType.CHANGED:
                assert event.previous_label == before.label != event.label
                assert event.duration == pytest.approx((event.stamp - before.stamp) / 1e9)
            if event.type is EventType.LEFT:
                assert event.label == before.label


@given(steps)
def test_durations_are_not_negative_and_changes_fit_into_the_presence(steps):
    for events in by_face(play(steps)).values():
        changes = 0.0
        for event in events:
            assert event.duration >= 0
            if event.type is EventType.CHANGED:
                changes += event.duration
            if event.type is EventType.LEFT:
                assert changes <= event.duration + 1e-6
                changes = 0.0


@given(
    st.lists(
        st.tuples(st.integers(5, 25), st.sampled_from(('absent', *NAMES))), min_size=1, max_size=8
    )
)
def test_the_frame_rate_does_not_change_the_events(scenes):
    """5 and 25 Hz. Scenes last multiples of 0.2 s, so that both rates show each start."""

    def events_at(period_ms):
        detector = EventDetector(EventConfig(TIMEOUT_S))
        events, begin = [], 0
        for fifths, label in scenes:
            end = begin + 200 * fifths
            for stamp in range(begin, end, period_ms):
                faces = {} if label == 'absent' else {'a': label}
                events += detector.update(frame(stamp, faces))
            begin = end
        return events + detector.expire((begin + 5000) * MS)

    slow, fast = events_at(200), events_at(40)
    assert [(e.type, e.label, e.previous_label) for e in slow] == [
        (e.type, e.label, e.previous_label) for e in fast
    ]
    for a, b in zip(slow, fast, strict=True):
        assert a.duration == pytest.approx(b.duration, abs=0.4)

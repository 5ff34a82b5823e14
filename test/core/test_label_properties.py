"""Properties of labels and events for any faces, clock and settings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip('hypothesis', reason='the Python package hypothesis is not installed')

from hypothesis import given
from hypothesis import strategies as st

from fer_ros.core.crop import FER2013, CropSpec
from fer_ros.core.errors import LateError
from fer_ros.core.events import EventConfig
from fer_ros.core.pipeline import EmotionStage
from fer_ros.core.scoring import FaceScores
from fer_ros.core.smoothing import SmoothingConfig
from fer_ros.core.types import UNCERTAIN, Box, Crop, EventType, Face, FaceSet

NAMES = ('happy', 'sad', 'neutral')
MS = 1_000_000
TIMEOUT_MS = 1000


class NamesOnly:
    """A mock of a classifier: the probabilities come from the test."""

    name = 'names'
    model_hash = ''
    class_names = NAMES
    crop_spec = CropSpec(FER2013, 8, 'gray')


frames = st.tuples(
    # Milliseconds to the frame before: in order, late, a step of the clock, a long silence.
    st.one_of(st.integers(1, 400), st.sampled_from([0, -50, -5000, 3000])),
    # The leading class and its probability for each face in view.
    st.dictionaries(
        st.sampled_from('abc'), st.tuples(st.integers(0, 2), st.sampled_from([0.34, 0.5, 0.95]))
    ),
)
settings = st.fixed_dictionaries(
    {},
    optional={
        'method': st.sampled_from(['off', 'majority', 'ema']),
        'hold': st.sampled_from([0.0, 0.25, 2.0]),
        'appear_time': st.sampled_from([0.0, 0.2, 3.0]),
        'uncertain_threshold': st.sampled_from([0.0, 0.4, 0.99, 1.0]),
    },
)
steps = st.lists(st.one_of(frames, settings, st.just('timer'), st.just('deactivate')), max_size=40)


def play(steps):
    """Yield after each step: its stamp, the faces in view, and its events."""
    stage = EmotionStage(NamesOnly(), SmoothingConfig(), EventConfig(TIMEOUT_MS / 1000))
    smoothing, now = SmoothingConfig(), 100_000
    affine = np.zeros((2, 3), np.float32)
    for step in [*steps, 'deactivate']:
        if step == 'timer':
            yield now, (), stage.expire(600 * MS)[0]
        elif step == 'deactivate':
            yield now, (), stage.close()[0]
        elif isinstance(step, dict):
            smoothing = replace(smoothing, **step)
            stage.set_config(smoothing, EventConfig(TIMEOUT_MS / 1000))
        else:
            elapsed, seen = step
            faces = FaceSet(
                (now + elapsed) * MS,
                'camera',
                64,
                48,
                tuple(
                    Face(name, Box(0, 0, 9, 9), 0.9, crop=Crop(np.zeros((8, 8), np.uint8), affine))
                    for name in seen
                ),
                'fer2013',
                'gray',
            )
            rows = np.array(
                [
                    [value if index == leader else (1 - value) / 2 for index in range(3)]
                    for leader, value in seen.values()
                ],
                np.float32,
            ).reshape(-1, 3)
            try:
                result = stage.smooth(faces, FaceScores(rows))
            except LateError:
                continue
            now += elapsed
            yield now, result.emotions.faces, result.events


@given(steps)
def test_the_label_of_a_present_face_is_the_label_of_its_last_event(steps):
    said = {}
    for _, faces, events in play(steps):
        for event in events:
            said[event.face_id] = event.label
            if event.type is EventType.LEFT:
                del said[event.face_id]
        for face in faces:
            assert face.appeared == (face.face_id in said)
            assert not face.appeared or face.label == said[face.face_id]


@given(steps)
def test_every_face_that_appeared_leaves_once_and_changes_only_in_between(steps):
    present = {}
    for _, _, events in play(steps):
        for event in events:
            if event.type is EventType.APPEARED:
                assert event.face_id not in present
                assert event.previous_label == ''
                present[event.face_id] = event.label
            elif event.type is EventType.CHANGED:
                assert event.previous_label == present[event.face_id]
                assert event.label not in (event.previous_label, UNCERTAIN)
                present[event.face_id] = event.label
            else:
                assert event.label == present.pop(event.face_id)
    assert not present


@given(
    st.lists(
        st.tuples(
            st.integers(1, 400),
            st.fixed_dictionaries(
                {'a': st.tuples(st.integers(0, 2), st.sampled_from([0.34, 0.5, 0.95]))}
            ),
        ),
        min_size=1,
    ),
    st.sampled_from(['off', 'majority', 'ema']),
    st.sampled_from([0.0, 0.2, 1.0]),
    st.sampled_from([0.0, 0.4, 1.0]),
)
def test_a_face_appears_in_the_first_frame_after_appear_time_with_any_label(
    frames, method, appear_time, threshold
):
    settings = {'method': method, 'appear_time': appear_time, 'uncertain_threshold': threshold}
    told = [(now, event.type) for now, _, events in play([settings, *frames]) for event in events]
    stamps = [
        100_000 + sum(elapsed for elapsed, _ in frames[: count + 1])
        for count in range(len(frames))
    ]
    due = [stamp for stamp in stamps if stamp - stamps[0] >= appear_time * 1000]
    appearances = [now for now, kind in told if kind is EventType.APPEARED]
    assert appearances == due[:1]


@given(steps)
def test_an_uncertain_face_stays_marked_and_confidence_belongs_to_the_label(steps):
    for _, faces, _ in play(steps):
        for face in faces:
            assert face.uncertain or face.label != UNCERTAIN
            assert face.appeared or face.uncertain == (face.label == UNCERTAIN)
            expected = (
                max(face.probabilities)
                if face.label == UNCERTAIN
                else face.probabilities[NAMES.index(face.label)]
            )
            assert face.confidence == pytest.approx(float(expected))

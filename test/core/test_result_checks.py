"""Numbers of results that arrive in messages and recordings."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from fer_ros.core.errors import MessageError
from fer_ros.core.result_checks import check_emotions, check_event, scores_by_name
from fer_ros.core.types import (
    AttentionEvent,
    AttentionType,
    Box,
    EmotionSet,
    FaceEmotion,
    Position,
)

FACE = FaceEmotion(
    'f1',
    Box(1, 2, 3, 4),
    'happy',
    0.75,
    'sad',
    0.5,
    np.array([0.25, 0.75], np.float32),
    math.nan,
    math.nan,
    Position(0.1, 0.2, 1.0, math.nan),
    {'hat': 0.5},
    attention=0.5,
)


def emotions(**values: object) -> EmotionSet:
    return EmotionSet(
        1, 'eye', 640, 480, ('sad', 'happy'), 'model', '', (replace(FACE, **values),)
    )


@pytest.mark.parametrize(
    'values',
    [
        {},
        {'valence': -1.0, 'arousal': 1.0},
        {'confidence': float(np.float32(1) + np.finfo(np.float32).eps), 'position': None},
        {'attention': None, 'attributes': {}},
    ],
)
def test_numbers_in_their_range_and_unknown_ones_are_accepted(values):
    check_emotions(emotions(**values))


@pytest.mark.parametrize(
    ('values', 'reason'),
    [
        ({'confidence': math.nan}, 'confidence is nan.* a number from 0 to 1'),
        ({'raw_confidence': 1.5}, 'confidence is 1.5'),
        ({'probabilities': np.array([0.5, math.nan])}, 'probability is nan'),
        ({'probabilities': np.array([1.0])}, '1 probabilities for 2 names'),
        ({'attributes': {'hat': math.inf}}, 'score of an attribute is inf'),
        ({'attention': -0.5}, 'attention is -0.5'),
        ({'valence': math.inf}, 'valence or arousal is inf.* from -1 to 1'),
        ({'position': Position(math.nan, 0.0, 1.0, 0.1)}, 'coordinate is nan.* send a number$'),
    ],
)
def test_a_wrong_number_is_refused_with_the_remedy(values, reason):
    with pytest.raises(MessageError, match=reason):
        check_emotions(emotions(**values))


def test_an_event_and_scores_with_wrong_numbers_are_refused():
    event = AttentionEvent(AttentionType.LOOKS, 1, 'eye', 'f1', math.nan, 0.0, Box(1, 2, 3, 4))
    with pytest.raises(MessageError, match='confidence of an event is nan'):
        check_event(event)
    check_event(replace(event, probability=1.0))
    with pytest.raises(MessageError, match='1 scores for 2 names'):
        scores_by_name(['a', 'b'], [0.5])

"""Valence and arousal from probabilities."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fer_ros.core.affect import CIRCUMPLEX, AffectEstimator

BASIC = ('angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral')


def one_hot(name: str, names: tuple[str, ...] = BASIC) -> np.ndarray:
    return np.eye(len(names), dtype=np.float32)[names.index(name)]


@pytest.mark.parametrize(
    ('name', 'valence_sign', 'arousal_sign'),
    [
        ('angry', -1, 1),
        ('disgust', -1, 1),
        ('fear', -1, 1),
        ('happy', 1, 1),
        ('sad', -1, -1),
        ('surprise', 1, 1),
        ('neutral', 0, 0),
    ],
)
def test_each_expression_is_in_its_quadrant(name, valence_sign, arousal_sign):
    valence, arousal = AffectEstimator(BASIC).estimate(one_hot(name))
    assert np.sign(valence) == valence_sign
    assert np.sign(arousal) == arousal_sign


def test_classes_are_matched_by_name():
    turned = BASIC[::-1]
    for name in BASIC:
        expected = pytest.approx(CIRCUMPLEX[name], abs=1e-6)
        assert AffectEstimator(turned).estimate(one_hot(name, turned)) == expected


def test_a_mixture_is_between_its_parts():
    mixture = (one_hot('happy') + one_hot('neutral')) / 2
    expected = tuple(half / 2 for half in CIRCUMPLEX['happy'])
    assert AffectEstimator(BASIC).estimate(mixture) == pytest.approx(expected, abs=1e-6)


def test_any_distribution_stays_within_the_range():
    estimator = AffectEstimator(BASIC)
    for probabilities in np.random.default_rng(1).dirichlet(np.full(7, 0.3), 200):
        valence, arousal = estimator.estimate(probabilities.astype(np.float32))
        assert -1 <= valence <= 1
        assert -1 <= arousal <= 1


def test_an_additional_class_reduces_the_values_without_a_direction():
    names = (*BASIC, 'contempt')
    estimator = AffectEstimator(names)
    assert estimator.estimate(one_hot('contempt', names)) == (0.0, 0.0)
    half = (one_hot('contempt', names) + one_hot('happy', names)) / 2
    assert estimator.estimate(half)[0] == pytest.approx(CIRCUMPLEX['happy'][0] / 2)


@pytest.mark.parametrize('names', [('awake', 'asleep'), BASIC[:-1]])
def test_a_model_without_the_basic_expressions_gives_nan(names):
    probabilities = np.full(len(names), 1 / len(names), dtype=np.float32)
    assert all(math.isnan(value) for value in AffectEstimator(names).estimate(probabilities))

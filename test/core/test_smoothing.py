"""Labels over time: filters, hysteresis, uncertainty, and the two bounds on noisy faces."""

from __future__ import annotations

import math
from typing import get_args

import numpy as np
import pytest

from fer_ros.core.smoothing import ExpressionSmoother, SmoothingConfig, SmoothingMethod

NAMES = ('angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral')
SECOND = 1_000_000_000


def sure_of(name: str, probability: float = 0.88) -> np.ndarray:
    """Return probabilities with one high value and equal others."""
    rest = (1 - probability) / (len(NAMES) - 1)
    probabilities = np.full(len(NAMES), rest, dtype=np.float32)
    probabilities[NAMES.index(name)] = probability
    return probabilities


def smoother(**config) -> ExpressionSmoother:
    return ExpressionSmoother(SmoothingConfig(**config), NAMES)


def feed(smoothing, name, seconds, rate, start=0.0, face_id='a'):
    """Feed an expression for a while and return (time, result) of each frame."""
    count = round(seconds * rate)
    times = [start + index / rate for index in range(count)]
    return [
        (time, smoothing.update(face_id, sure_of(name), round(time * SECOND))) for time in times
    ]


def first_time(results, label):
    return next((time for time, result in results if result.label == label), math.inf)


@pytest.mark.parametrize('rate', [5, 15, 30])
def test_a_face_appears_with_its_label_within_0_3_seconds(rate):
    results = feed(smoother(), 'happy', 1.0, rate)
    first = results[0][1]
    assert (first.label, first.uncertain, first.appeared) == ('happy', False, False)
    assert next(time for time, result in results if result.appeared) <= 0.3


@pytest.mark.parametrize('rate', [5, 15, 30])
def test_a_clear_change_takes_effect_within_0_4_seconds(rate):
    smoothing = smoother()
    feed(smoothing, 'happy', 2.0, rate)
    results = feed(smoothing, 'sad', 2.0, rate, start=2.0)
    assert first_time(results, 'sad') - 2.0 <= 0.4 + 1e-6


@pytest.mark.parametrize('rate', [15, 30])
def test_a_single_different_frame_changes_nothing(rate):
    smoothing = smoother()
    feed(smoothing, 'happy', 1.0, rate)
    flicker = smoothing.update('a', sure_of('sad', 0.99), SECOND)
    assert flicker.label == 'happy'
    assert (flicker.raw_label, flicker.raw_confidence) == ('sad', pytest.approx(0.99))
    after = feed(smoothing, 'happy', 1.0, rate, start=1 + 1 / rate)
    assert {result.label for _, result in after} == {'happy'}


@pytest.mark.parametrize(('times_as_probable', 'seconds'), [(math.e, 1.0), (math.e**2, 0.5)])
def test_a_larger_lead_of_a_new_label_takes_effect_sooner(times_as_probable, seconds):
    smoothing = smoother(hold=1.0)
    feed(smoothing, 'happy', 2.0, 30)
    leading = np.full(len(NAMES), 0.05, dtype=np.float32)
    leading[NAMES.index('happy')] = 0.75 / (1 + times_as_probable)
    leading[NAMES.index('sad')] = 0.75 - leading[NAMES.index('happy')]
    assert leading[NAMES.index('happy')] > 0.089, 'not much below what counts as improbable'
    took = [
        index / 30
        for index in range(90)
        if smoothing.update('a', leading, (60 + index) * SECOND // 30).label == 'sad'
    ]
    assert took[0] == pytest.approx(seconds, abs=0.08)


@pytest.mark.parametrize('seconds_between', [0.2, 1.0, 10.0])
def test_one_frame_never_changes_the_label(seconds_between):
    smoothing = smoother()
    feed(smoothing, 'happy', 2.0, 30)
    then = round((2 + seconds_between) * SECOND)
    assert smoothing.update('a', sure_of('sad', 0.99), then).label == 'happy'
    later = then + round(seconds_between * SECOND)
    assert smoothing.update('a', sure_of('sad', 0.99), later).label == 'sad'


def test_an_alternating_label_does_not_change_the_shown_one():
    smoothing = smoother()
    feed(smoothing, 'happy', 1.0, 30)
    for index in range(300):
        name = 'sad' if index % 2 else 'happy'
        result = smoothing.update('a', sure_of(name), (30 + index) * SECOND // 30)
        assert result.label == 'happy'


def test_at_five_hertz_two_doubtful_frames_are_not_enough():
    smoothing = smoother()
    feed(smoothing, 'happy', 2.0, 5)
    for time in (2.0, 2.2):
        doubtful = sure_of('sad', 0.45)
        doubtful[NAMES.index('happy')] = 0.2
        result = smoothing.update('a', doubtful / doubtful.sum(), round(time * SECOND))
        assert result.label == 'happy'


def test_without_hold_the_most_probable_class_is_the_label():
    smoothing = smoother(hold=0.0)
    feed(smoothing, 'happy', 1.0, 30)
    for _, result in feed(smoothing, 'sad', 1.0, 30, start=1.0):
        assert result.label == NAMES[result.probabilities.argmax()]


def test_the_moving_average_has_the_same_time_constant_at_any_rate():
    for rate in (5, 10, 50):
        smoothing = smoother(time_constant=0.5)
        feed(smoothing, 'happy', 10.0, rate)
        # From the first frame of the new expression on, one time constant is 0.5 s.
        count = rate // 2 if rate > 5 else 3
        _, result = feed(smoothing, 'sad', count / rate, rate, start=10.0)[-1]
        share = (result.probabilities[NAMES.index('sad')] - 0.02) / 0.86
        assert share == pytest.approx(1 - math.exp(-count / rate / 0.5), abs=1e-3)


def test_the_first_frames_are_averaged_evenly():
    smoothing = smoother(time_constant=60.0)
    smoothing.update('a', sure_of('happy'), 0)
    result = smoothing.update('a', sure_of('sad'), SECOND // 1000)
    assert result.probabilities == pytest.approx((sure_of('happy') + sure_of('sad')) / 2, abs=1e-4)


def test_a_gap_reduces_the_weight_of_the_past():
    smoothing = smoother()
    feed(smoothing, 'happy', 1.0, 30)
    result = smoothing.update('a', sure_of('sad'), 10 * SECOND)
    assert result.probabilities == pytest.approx(sure_of('sad'), abs=1e-3)


@pytest.mark.parametrize('method', ['off', 'majority', 'ema'])
def test_smoothed_probabilities_sum_to_one(method):
    smoothing = smoother(method=method)
    frames = np.random.default_rng(3).dirichlet(np.full(7, 0.5), 60).astype(np.float32)
    for index, frame in enumerate(frames):
        result = smoothing.update('a', frame, index * SECOND // 30)
        assert result.probabilities.dtype == np.float32
        assert result.probabilities.sum() == pytest.approx(1.0, abs=1e-5)
        assert (result.probabilities >= 0).all()


@pytest.mark.parametrize('method', ['majority', 'ema'])
def test_a_repeated_stamp_counts_once(method):
    smoothing, once = smoother(method=method), smoother(method=method)
    for index in range(10):
        stamp = index * SECOND // 30
        expected = once.update('a', sure_of('happy'), stamp)
        smoothing.update('a', sure_of('happy'), stamp)
        result = smoothing.update('a', sure_of('sad'), stamp)
        assert np.array_equal(result.probabilities, expected.probabilities)
        assert result.label == expected.label


def test_after_a_reset_an_earlier_stamp_starts_the_face_again():
    smoothing = smoother()
    feed(smoothing, 'happy', 2.0, 30)
    smoothing.reset()
    result = smoothing.update('a', sure_of('sad'), 0)
    assert (result.label, result.appeared) == ('sad', False)
    assert np.array_equal(result.probabilities, sure_of('sad'))


def test_off_follows_every_frame_at_once():
    smoothing = smoother(method='off')
    for index, name in enumerate(('happy', 'sad', 'fear', 'happy')):
        result = smoothing.update('a', sure_of(name), index * SECOND)
        assert result.label == result.raw_label == name
        assert np.array_equal(result.probabilities, sure_of(name))


def test_two_weak_votes_outweigh_a_strong_one():
    smoothing = smoother(method='majority', window=3, hold=0.0, appear_time=0.0)
    votes = (sure_of('happy', 1.0), sure_of('sad', 0.16), sure_of('sad', 0.16))
    for index, vote in enumerate(votes):
        result = smoothing.update('a', vote, index * SECOND // 30)
    assert result.raw_label == 'sad'
    assert smoother(method='majority', window=1)


def test_an_unknown_method_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match=', '.join(get_args(SmoothingMethod))):
        SmoothingConfig(method='median')


def test_majority_counts_votes_and_ignores_their_strength():
    smoothing = smoother(method='majority', window=10, hold=0.0, appear_time=0.0)
    for index in range(6):
        smoothing.update('a', sure_of('happy', 0.4), index * SECOND // 30)
    for index in range(6, 10):
        result = smoothing.update('a', sure_of('sad', 0.99), index * SECOND // 30)
        assert result.label == 'happy'
    for index in range(10, 13):
        result = smoothing.update('a', sure_of('sad', 0.99), index * SECOND // 30)
    assert result.label == 'sad'


@pytest.mark.parametrize('method', ['off', 'majority', 'ema'])
def test_an_uncertain_frame_does_not_change_the_label(method):
    smoothing = smoother(method=method)
    feed(smoothing, 'happy', 1.0, 30)
    blurred = sure_of('sad', 0.2)
    for index in range(90):
        result = smoothing.update('a', blurred, SECOND + index * SECOND // 30)
    assert (result.label, result.uncertain) == ('happy', True)
    assert result.confidence == pytest.approx(blurred[NAMES.index('happy')], abs=1e-3)
    after = feed(smoothing, 'happy', 1.0, 30, start=4.0)[-1][1]
    assert (after.label, after.uncertain) == ('happy', False)


def test_each_face_has_its_own_history():
    smoothing = smoother()
    for index in range(30):
        one = smoothing.update('a', sure_of('happy'), index * SECOND // 30)
        other = smoothing.update('b', sure_of('sad'), index * SECOND // 30)
    assert (one.label, other.label) == ('happy', 'sad')


def test_a_forgotten_face_starts_again():
    smoothing = smoother()
    feed(smoothing, 'happy', 1.0, 30)
    feed(smoothing, 'happy', 1.0, 30, face_id='b')
    smoothing.forget('a')
    smoothing.forget('never seen')
    assert smoothing.face_ids == {'b'}
    assert not smoothing.update('a', sure_of('sad'), 2 * SECOND).appeared
    smoothing.reset()
    assert not smoothing.face_ids


def test_settings_can_change_between_frames():
    smoothing = smoother()
    feed(smoothing, 'happy', 1.0, 30)
    smoothing.config = SmoothingConfig(uncertain_threshold=0.99)
    result = smoothing.update('a', sure_of('happy'), SECOND)
    assert (result.label, result.uncertain) == ('happy', True)


@pytest.mark.parametrize('method', ['off', 'majority'])
def test_another_method_starts_again_but_keeps_the_label(method):
    smoothing = smoother()
    feed(smoothing, 'happy', 1.0, 30)
    for there_and_back in (method, 'ema'):
        smoothing.config = SmoothingConfig(method=there_and_back, uncertain_threshold=0.99)
        result = smoothing.update('a', sure_of('sad'), SECOND)
        assert (result.label, result.uncertain, result.appeared) == ('happy', True, True)
        assert result.probabilities == pytest.approx(sure_of('sad')), 'nothing of before'


def test_before_it_appears_a_face_has_its_current_label():
    smoothing = smoother(method='off', appear_time=1.0)
    for index, name in enumerate(('happy', 'sad')):
        result = smoothing.update('a', sure_of(name), index)
        assert (result.label, result.uncertain, result.appeared) == (name, False, False)
    result = smoothing.update('a', sure_of('sad', 0.2), 2)
    assert (result.label, result.uncertain, result.appeared) == ('uncertain', True, False)


def test_a_longer_appear_time_does_not_remove_a_face():
    smoothing = smoother()
    feed(smoothing, 'happy', 1.0, 30)
    smoothing.config = SmoothingConfig(appear_time=60.0)
    result = smoothing.update('a', sure_of('happy'), SECOND)
    assert (result.label, result.appeared) == ('happy', True)


@pytest.mark.parametrize('method', ['off', 'majority', 'ema'])
def test_a_face_without_a_probable_class_appears_as_uncertain(method):
    smoothing = smoother(method=method)
    blurred = sure_of('sad', 0.2)
    for index in range(30):
        result = smoothing.update('a', blurred, index * SECOND // 30)
        assert result.appeared == (index >= 6), 'after appear_time, 0.2 s'
        assert (result.label, result.uncertain) == ('uncertain', True)
        assert result.confidence == pytest.approx(0.2, abs=1e-3)
    results = feed(smoothing, 'happy', 1.0, 30, start=1.0)
    assert first_time(results, 'happy') < 2.0
    assert not results[-1][1].uncertain


@pytest.mark.parametrize(
    ('name', 'value'),
    [
        ('method', 'median'),
        ('window', 0),
        ('time_constant', 0.0),
        ('time_constant', math.nan),
        ('hold', -0.1),
        ('hold', math.nan),
        ('appear_time', math.inf),
        ('uncertain_threshold', 1.1),
    ],
)
def test_a_setting_out_of_range_is_refused_by_name(name, value):
    with pytest.raises(ValueError, match=name):
        SmoothingConfig(**{name: value})


def test_probabilities_of_another_model_are_refused():
    with pytest.raises(ValueError, match='angry'):
        smoother().update('a', np.full(8, 1 / 8, dtype=np.float32), 0)
    with pytest.raises(ValueError, match='class_names'):
        ExpressionSmoother(SmoothingConfig(), ())

"""Targets, weights, losses and schedules equal their formulas."""

from __future__ import annotations

import numpy as np
import pytest

from training.data.dataset import Dataset, make_dataset

pytestmark = pytest.mark.usefixtures('keras_backend')


def _data(votes: np.ndarray | None) -> Dataset:
    return make_dataset(np.zeros((2, 4, 4), np.uint8), [0, 1], ['happy', 'sad'], votes=votes)


def test_votes_take_their_share_of_the_target_if_there_are_any() -> None:
    from training.learning.losses import soft_targets

    votes = np.array([[0.25, 0.75], [0, 0]], np.float32)
    assert np.allclose(soft_targets(_data(votes), 0.4), [[0.7, 0.3], [0, 1]])
    assert np.allclose(soft_targets(_data(votes), 0.0), np.eye(2))
    assert np.allclose(soft_targets(_data(None), 0.4), np.eye(2))


def test_balanced_weights_give_each_class_the_same_total() -> None:
    from training.learning.losses import balanced_weights

    labels = np.array([0, 0, 0, 1, 3])
    weights = balanced_weights(labels, classes=4)
    totals = [weights[labels == k].sum() for k in (0, 1, 3)]
    assert np.allclose(totals, totals[0])
    assert weights.mean() == pytest.approx(1)


def test_distillation_loss_is_smallest_if_the_student_agrees_with_its_teachers() -> None:
    from keras import ops

    from training.learning.losses import distillation_loss

    teacher = np.array([[2.0, 0.5, -1.0]], np.float32)
    probabilities = ops.softmax(teacher / 2)
    agreeing = float(distillation_loss(probabilities, teacher, 2.0))
    other = float(distillation_loss(probabilities, teacher[:, ::-1].copy(), 2.0))
    assert agreeing < other


def test_the_cosine_schedule_rises_and_falls_to_zero() -> None:
    from training.learning.schedules import WarmCosine

    schedule = WarmCosine(0.1, steps=110, warmup=10)
    rates = [float(schedule(step)) for step in range(111)]
    assert rates[0] == pytest.approx(0.01)
    assert max(rates) == pytest.approx(0.1)
    assert rates[60] == pytest.approx(0.05, abs=1e-3)
    assert rates[110] == pytest.approx(0, abs=1e-6)


def test_the_exponential_schedule_keeps_95_percent_each_epoch() -> None:
    from training.learning.schedules import create_schedule

    schedule = create_schedule('exponential', 0.1, epochs=5, steps_per_epoch=20, warmup_epochs=0)
    assert float(schedule(19)) == pytest.approx(0.1)
    assert float(schedule(45)) == pytest.approx(0.1 * 0.95**2)


def test_the_plateau_schedule_falls_only_without_progress() -> None:
    from training.learning.schedules import PLATEAU_FACTOR, PLATEAU_PATIENCE, plateau_rate

    falling = [{'development_loss': 1 / (n + 1)} for n in range(20)]
    stuck = [{'development_loss': 1.0}] * (PLATEAU_PATIENCE + 1)
    assert plateau_rate(0.1, falling) == 0.1
    assert plateau_rate(0.1, stuck) == pytest.approx(0.1 * PLATEAU_FACTOR)

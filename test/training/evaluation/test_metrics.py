"""Figures equal those of scikit-learn, and calibration errors equal those calculated by hand."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn.metrics as reference

from training.evaluation.metrics import (
    calibration_error_by_chance,
    expected_calibration_error,
    majority,
    recall_of_each,
    reliability,
    summarise,
)


def _random(count: int = 400, classes: int = 5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.ones(classes), count)
    labels = np.where(rng.random(count) < 0.5, probabilities.argmax(1), rng.integers(0, 4, count))
    return probabilities, labels


def test_figures_equal_those_of_scikit_learn() -> None:
    probabilities, labels = _random()
    answers = probabilities.argmax(axis=1)
    figures = summarise(probabilities, labels, ('a', 'b', 'c', 'd', 'e'))
    there = np.unique(labels)
    assert figures['accuracy'] == pytest.approx(reference.accuracy_score(labels, answers))
    assert figures['macro_f1'] == pytest.approx(
        reference.f1_score(labels, answers, labels=there, average='macro')
    )
    recalls = reference.recall_score(labels, answers, labels=there, average=None, zero_division=0)
    assert figures['balanced_accuracy'] == pytest.approx(recalls.mean())
    assert figures['nll'] == pytest.approx(
        reference.log_loss(labels, probabilities, labels=range(5))
    )
    assert (
        figures['confusion']
        == reference.confusion_matrix(labels, answers, labels=range(5)).tolist()
    )


def test_figures_equal_those_calculated_by_hand() -> None:
    answers = np.array([0, 0, 1, 1, 1, 2])
    labels = np.array([0, 0, 0, 1, 1, 1])
    figures = summarise(np.eye(4)[answers], labels, ('a', 'b', 'c', 'd'))
    assert figures['count'] == 6
    assert figures['accuracy'] == pytest.approx(4 / 6)
    assert figures['balanced_accuracy'] == pytest.approx(2 / 3), 'of a and b alone'
    assert figures['macro_f1'] == pytest.approx((4 / 5 + 2 / 3) / 2)
    assert figures['classes']['a'] == {'count': 3, 'recall': 2 / 3, 'precision': 1, 'f1': 0.8}
    assert figures['classes']['d'] == {'count': 0, 'recall': 0, 'precision': 0, 'f1': 0}
    assert figures['confusion'] == [[2, 1, 0, 0], [0, 2, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0]]


def test_the_recall_of_a_class_without_pictures_is_unknown() -> None:
    recall = recall_of_each(np.array([0, 0, 1]), np.array([0, 2, 1]), 3)
    assert np.allclose(recall, [0.5, 1, np.nan], equal_nan=True)


def test_bins_have_equal_counts() -> None:
    probabilities, labels = _random(151)
    assert {count for _, _, count in reliability(probabilities, labels)} == {10, 11}


def test_a_fully_confident_model_that_is_right_half_the_time_has_an_error_of_one_half() -> None:
    sure = np.tile([1.0, 0.0], (100, 1))
    assert expected_calibration_error(sure, np.arange(100) % 2) == pytest.approx(0.5, abs=0.05)


def test_a_calibrated_model_has_no_calibration_error() -> None:
    likely = np.tile([0.75, 0.25], (150, 1))
    labels = np.tile([0, 0, 0, 1, 0, 1, 0, 0, 0, 0], 15)[:150]
    assert expected_calibration_error(likely, labels, bins=15) == pytest.approx(0.05, abs=0.01)


@pytest.mark.parametrize('count', [60, 2000])
def test_the_calibration_error_by_chance_is_that_of_random_labels(count: int) -> None:
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.full(7, 0.5), count)
    errors = []
    for _ in range(300):
        labels = (probabilities.cumsum(axis=1) > rng.random((count, 1))).argmax(axis=1)
        errors.append(expected_calibration_error(probabilities, labels))
    assert calibration_error_by_chance(probabilities) == pytest.approx(np.mean(errors), rel=0.1)


def test_a_majority_is_one_class_with_more_votes_than_any_other() -> None:
    votes = np.array([[0.6, 0.4, 0.0], [0.4, 0.4, 0.2], [0.0, 0.0, 0.0], [0.1, 0.2, 0.7]])
    assert majority(votes).tolist() == [0, -1, -1, 2]

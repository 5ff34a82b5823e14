"""Metrics of a classifier, from probabilities and labels.

Most are from scikit-learn. It has no calibration error over bins of equal count, and its log loss
clips float32 at 1.2e-7, which hides large errors with high confidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    precision_recall_fscore_support,
    recall_score,
)

ECE_BINS = 15


def reliability(
    probabilities: NDArray[np.floating], labels: NDArray[np.int64], bins: int = ECE_BINS
) -> list[tuple[float, float, int]]:
    """Return (mean confidence, accuracy, count) of equal-count bins, the least confident first."""
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == labels
    parts = np.array_split(np.argsort(confidence, kind='stable'), bins)
    return [
        (float(confidence[part].mean()), float(correct[part].mean()), len(part))
        for part in parts
        if len(part)
    ]


def expected_calibration_error(
    probabilities: NDArray[np.floating], labels: NDArray[np.int64], bins: int = ECE_BINS
) -> float:
    """Return the mean difference of confidence and accuracy over equal-count bins, in [0, 1]."""
    rows = reliability(probabilities, labels, bins)
    return sum(count * abs(sure - right) for sure, right, count in rows) / max(len(labels), 1)


def calibration_error_by_chance(
    probabilities: NDArray[np.floating], bins: int = ECE_BINS
) -> float:
    """Return the mean ECE of a perfectly calibrated model with the same confidences.

    It is above 0, because the number of correct answers in a bin varies by chance. An ECE that is
    not clearly larger says nothing against a model. The count is taken as normally distributed.
    """
    confidence = np.sort(probabilities.max(axis=1).astype(np.float64))
    deviations = [np.sqrt((c * (1 - c)).sum()) for c in np.array_split(confidence, bins)]
    return float(np.sqrt(2 / np.pi) * sum(deviations) / max(len(confidence), 1))


def negative_log_likelihood(
    probabilities: NDArray[np.floating], labels: NDArray[np.int64]
) -> float:
    """Return the mean of -log of the probability of the true class."""
    true = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(true, 1e-12)).mean())


def majority(votes: NDArray[np.floating]) -> NDArray[np.int64]:
    """Return (N,) the class with the most of (N, K) votes; -1 if there is none, or a tie."""
    best = votes.argmax(axis=1)
    ranked = np.sort(votes, axis=1)
    return np.where(ranked[:, -1] > ranked[:, -2], best, -1)


def recall_of_each(
    labels: NDArray[np.int64], predicted: NDArray[np.int64], classes: int
) -> NDArray[np.float64]:
    """Return (K,) the recall of each class; NaN for a class without pictures.

    Args:
        labels: (N,) indices of the true classes.
        predicted: (N,) indices of the predicted classes.
        classes: Their number K.
    """
    recall: NDArray[np.float64] = recall_score(
        labels, predicted, labels=range(classes), average=None, zero_division=np.nan
    )
    return recall


def summarise(
    probabilities: NDArray[np.floating], labels: NDArray[np.int64], classes: Sequence[str]
) -> dict[str, Any]:
    """Return the metrics of a classifier.

    Args:
        probabilities: (N, K).
        labels: (N,) indices of the true classes.
        classes: K names.

    Returns:
        Values for JSON: accuracy, macro figures, calibration and the figures of each class. Macro
        figures and balanced accuracy are means over the classes that occur among the labels.
        Precision of a class never predicted is 0, like the figures of a class without pictures.
        'confusion' has a row for each true class and a
        column for each predicted one.
    """
    answers = probabilities.argmax(axis=1)
    everyone = range(len(classes))
    precision, recall, f1, support = precision_recall_fscore_support(
        labels, answers, labels=everyone, zero_division=0
    )
    there = support > 0
    return {
        'count': len(labels),
        'accuracy': float(accuracy_score(labels, answers)),
        'balanced_accuracy': float(recall[there].mean()),
        'macro_f1': float(f1[there].mean()),
        'ece': expected_calibration_error(probabilities, labels),
        'ece_by_chance': calibration_error_by_chance(probabilities),
        'nll': negative_log_likelihood(probabilities, labels),
        'classes': {
            name: {
                'count': int(support[index]),
                'recall': float(recall[index]),
                'precision': float(precision[index]),
                'f1': float(f1[index]),
            }
            for index, name in enumerate(classes)
        },
        'confusion': confusion_matrix(labels, answers, labels=everyone).tolist(),
    }

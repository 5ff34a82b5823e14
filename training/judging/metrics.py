"""Figures that judge a classifier, from probabilities and labels. numpy only."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

ECE_BINS = 15


def confusion_matrix(
    labels: NDArray[np.int64], predicted: NDArray[np.int64], classes: int
) -> NDArray[np.int64]:
    """Return (K, K) counts: a row for each true class, a column for each predicted one."""
    matrix = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(matrix, (labels, predicted), 1)
    return matrix


def reliability(
    probabilities: NDArray[np.floating], labels: NDArray[np.int64], bins: int = ECE_BINS
) -> list[tuple[float, float, int]]:
    """Return (mean confidence, accuracy, count) of equal-count bins, least confident first."""
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
    """Return the mean gap between confidence and accuracy over equal-count bins, in [0, 1]."""
    rows = reliability(probabilities, labels, bins)
    return sum(count * abs(sure - right) for sure, right, count in rows) / max(len(labels), 1)


def negative_log_likelihood(
    probabilities: NDArray[np.floating], labels: NDArray[np.int64]
) -> float:
    """Return the mean of -log of the probability of the true class."""
    true = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(true, 1e-12)).mean())


def majority(votes: NDArray[np.floating]) -> NDArray[np.int64]:
    """Return (N,) the class with most of (N, K) shares of votes; -1 without one, or two equal."""
    best = votes.argmax(axis=1)
    ranked = np.sort(votes, axis=1)
    return np.where(ranked[:, -1] > ranked[:, -2], best, -1)


def summarise(
    probabilities: NDArray[np.floating], labels: NDArray[np.int64], classes: tuple[str, ...]
) -> dict[str, Any]:
    """Return accuracy, macro figures, calibration and per-class figures as JSON-like values.

    Macro figures and balanced accuracy are means over the classes that occur among the labels.
    Precision of a class never predicted is 0.
    """
    matrix = confusion_matrix(labels, probabilities.argmax(axis=1), len(classes))
    support, hits, predicted = matrix.sum(axis=1), matrix.diagonal(), matrix.sum(axis=0)
    recall = hits / np.maximum(support, 1)
    precision = hits / np.maximum(predicted, 1)
    f1 = 2 * hits / np.maximum(support + predicted, 1)
    there = support > 0
    return {
        'count': len(labels),
        'accuracy': float(hits.sum() / max(len(labels), 1)),
        'balanced_accuracy': float(recall[there].mean()),
        'macro_f1': float(f1[there].mean()),
        'ece': expected_calibration_error(probabilities, labels),
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
        'confusion': matrix.tolist(),
    }

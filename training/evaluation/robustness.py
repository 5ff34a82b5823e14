"""The accuracy of a model under each corruption at each strength."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.classification import Classifier
from training.base.progress import progress
from training.data.dataset import Dataset
from training.data.pictures import ArrayPictures
from training.evaluation.corruptions import CORRUPTIONS, corrupt
from training.evaluation.inference import logits_of, match_classes


def robustness(classifier: Classifier, data: Dataset) -> dict[str, Any]:
    """Return the accuracy on clean pictures, and under each corruption at each strength.

    'mean' is over all kinds and strengths with equal weights.
    """
    matched = match_classes(data, classifier.class_names)
    pictures = matched.data.pictures.load(slice(None))

    def accuracy(changed: NDArray[np.uint8]) -> float:
        changed_data = replace(matched.data, pictures=ArrayPictures(changed))
        logits = logits_of(classifier, changed_data)
        return float((logits.argmax(axis=1) == matched.labels).mean())

    kinds: dict[str, list[dict[str, Any]]] = {}
    for corruption in progress(CORRUPTIONS, 'robustness'):
        kinds[corruption.name] = [
            {
                'strength': strength,
                'label': corruption.label(strength),
                'accuracy': accuracy(
                    np.stack([corrupt(picture, corruption, strength) for picture in pictures])
                ),
            }
            for strength in corruption.strengths
        ]
    everything = [row['accuracy'] for rows in kinds.values() for row in rows]
    return {
        'count': len(matched.labels),
        'clean': accuracy(pictures),
        'mean': float(np.mean(everything)),
        'kinds': kinds,
    }


def for_card(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures for a card: accuracies, mild to strong, by kind."""
    return {
        'count': figures['count'],
        'clean': round(figures['clean'], 4),
        'mean': round(figures['mean'], 4),
        **{kind: accuracies(rows, 4) for kind, rows in figures['kinds'].items()},
    }


def accuracies(rows: Sequence[Mapping[str, Any]], digits: int) -> list[float]:
    """Return the rounded accuracies of one kind, the mildest first."""
    return [round(row['accuracy'], digits) for row in rows]


def lines(name: str, figures: Mapping[str, Any]) -> Iterator[str]:
    """Return the figures of a model as text, a line for each kind of corruption."""
    yield (
        f'{name}: clean {figures["clean"]:.3f}, mean of all corruptions {figures["mean"]:.3f}, '
        f'on {figures["count"]} pictures'
    )
    for kind, rows in figures['kinds'].items():
        values = '  '.join(f'{row["label"]}: {row["accuracy"]:.3f}' for row in rows)
        yield f'  {kind:15s} {values}'

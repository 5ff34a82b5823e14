"""Soften labels by what trained models say of each picture, asked once before training begins."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.classification import load_classifier, softmax
from fer_ros.core.models.card import ModelCard
from training.data.dataset import Dataset
from training.data.labels import map_labels
from training.errors import DataError
from training.inference import logits_of


def relabel(
    targets: NDArray[np.float32], data: Dataset, models: Sequence[Path], share: float
) -> NDArray[np.float32]:
    """Return (1 - share) targets + share of the models' averaged opinion, both (N, K).

    Each model folder judges every picture and its mirror. Distillation by a teacher asks anew
    about every changed picture, which costs the teacher's time in each step; this costs two
    passes in all. Raises DataError where a model lacks a class of the data.
    """
    opinion = np.mean([opinion_of(folder, data) for folder in models], axis=0)
    blended: NDArray[np.float32] = ((1 - share) * targets + share * opinion).astype(np.float32)
    return blended


def opinion_of(folder: Path, data: Dataset) -> NDArray[np.float64]:
    """Return (N, K) probabilities over the data's classes, averaged over picture and mirror."""
    card = ModelCard.read(folder)
    columns = [place for place in map_labels(card.labels, data.classes) if place is not None]
    if not len(columns) == len(card.labels) == len(data.classes):
        raise DataError(
            f'{folder} knows {", ".join(card.labels)}, the data has {", ".join(data.classes)}: '
            '--relabel needs the same classes'
        )
    classifier = load_classifier(card)
    sides = [
        softmax(logits_of(classifier, data, mirror), card.temperature) for mirror in (False, True)
    ]
    opinion: NDArray[np.float64] = np.mean(sides, axis=0)[:, np.argsort(columns)]
    return opinion

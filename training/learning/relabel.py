"""Soften labels by what trained models say of each picture, asked once before training begins."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.classification import load_classifier, softmax
from fer_ros.core.models.card import ModelCard
from training.base.files import CACHES, keep_for_next_time
from training.data.dataset import Dataset
from training.data.labels import map_labels
from training.errors import DataError
from training.judging.inference import logits_of

#: What models said of whole sets of pictures, by the content of both.
CACHE = CACHES / 'opinions'


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
    sides = [softmax(logits, card.temperature) for logits in _cached_logits(card, data)]
    opinion: NDArray[np.float64] = np.mean(sides, axis=0)[:, np.argsort(columns)]
    return opinion


def _cached_logits(card: ModelCard, data: Dataset) -> NDArray[np.float32]:
    """Return (2, N, K) logits of pictures and mirrors; of a large model they take minutes."""
    files = ''.join(sorted(file.sha256 for file in card.files.values()))
    path = CACHE / f'{hashlib.sha256((files + data.pictures.digest()).encode()).hexdigest()}.npz'
    if path.exists():
        with np.load(path, allow_pickle=False) as archive:
            kept: NDArray[np.float32] = archive['logits']
        return kept
    classifier = load_classifier(card)
    logits = np.stack([logits_of(classifier, data, mirror) for mirror in (False, True)])
    keep_for_next_time(path, logits=logits)
    return logits

"""Evaluation of the files of a model folder on labelled faces, as the robot runs them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.classification import Classifier, load_classifier, softmax
from fer_ros.core.models import ModelCard
from training.data.dataset import TRAIN, Dataset
from training.data.duplicates import find_copies
from training.data.labels import map_labels
from training.data.merge import merge_datasets
from training.evaluation.inference import logits_of, match_classes
from training.evaluation.metrics import majority, summarise


@dataclass(frozen=True)
class Evaluation:
    """The output of a model for a data set.

    Attributes:
        data: The N pictures.
        labels: (N,) indices into its classes.
        probabilities: (N, K).
        figures: For the JSON file.
        classifier: The model that ran.
    """

    data: Dataset
    labels: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    figures: dict[str, Any]
    classifier: Classifier


def evaluate(
    card: ModelCard, data: Dataset, leaked: NDArray[np.bool_], runtime: str = 'auto'
) -> Evaluation:
    """Run a model on a data set and evaluate it.

    Args:
        card: Card of the model.
        data: N labelled pictures.
        leaked: (N,) bool, pictures that have a copy in the training split.
        runtime: To run in, or 'auto'.

    Returns:
        The output and the figures. 'without_copies' contains the figures of the pictures that are
        not leaked. 'restricted' uses only the classes of the data. 'ferplus' is the agreement with
        the majority of votes, if there is one for a class of the model.
    """
    classifier = load_classifier(card, runtime)
    matched = match_classes(data, card.labels)
    logits = logits_of(classifier, matched.data)
    probabilities = softmax(logits, card.temperature)
    there = np.unique(matched.labels)
    restricted = np.zeros_like(probabilities)
    restricted[:, there] = softmax(logits[:, there], card.temperature)
    figures = summarise(probabilities, matched.labels, card.labels)
    figures |= {
        'model': card.name,
        'model_hash': classifier.model_hash,
        'runtime': classifier.runtime_name,
        'temperature': card.temperature,
        'left_out': matched.left_out,
        'restricted': _main_figures(summarise(restricted, matched.labels, card.labels)),
    }
    clean = ~leaked[matched.kept]
    if not clean.all() and clean.any():
        figures['without_copies'] = _main_figures(
            summarise(probabilities[clean], matched.labels[clean], card.labels)
        )
    agreement = _agreement(matched.data, matched.labels, probabilities, card.labels)
    if agreement:
        figures['ferplus'] = agreement
    return Evaluation(matched.data, matched.labels, probabilities, figures, classifier)


def _agreement(
    data: Dataset,
    labels: NDArray[np.int64],
    probabilities: NDArray[np.float32],
    classes: tuple[str, ...],
) -> dict[str, Any]:
    """Return how often the output, and the labels, equal the majority of the annotators.

    Pictures without a majority, or with a majority for a class that the model lacks, are skipped.
    If none is left, for example of the votes of another split, the result is empty.
    """
    if data.votes is None:
        return {}
    indices = [-1 if index is None else index for index in map_labels(data.classes, classes)]
    most = np.array([*indices, -1])[majority(data.votes)]
    told = most >= 0
    if not told.any():
        return {}
    return {
        'count': int(told.sum()),
        'agreement': float((probabilities.argmax(axis=1) == most)[told].mean()),
        'agreement_of_labels': float((labels == most)[told].mean()),
    }


def copies_of_training(data: Dataset, split: str, near: bool = False) -> NDArray[np.bool_]:
    """Return for each picture of a split (all for '') whether training contains a copy."""
    here = data.splits == split if split else np.ones(len(data), dtype=bool)
    if split in ('', TRAIN) or not (data.splits == TRAIN).any():
        return np.zeros(int(here.sum()), dtype=bool)
    groups = find_copies(data.pictures, near).groups
    return np.isin(groups[here], groups[data.splits == TRAIN])


def copies_of(data: Dataset, other: Dataset) -> NDArray[np.bool_]:
    """Return for each picture of a set whether another set contains an exact or near copy."""
    groups = find_copies(merge_datasets([data, other]).pictures).groups
    return np.isin(groups[: len(data)], groups[len(data) :])


def for_card(figures: dict[str, Any]) -> dict[str, Any]:
    """Return the figures for a card, rounded to significant digits."""
    chosen = _main_figures(figures)
    for what in ('recall', 'precision'):
        chosen[what] = {
            name: round(row[what], 4) for name, row in figures['classes'].items() if row['count']
        }
    if 'without_copies' in figures:
        chosen['without_copies'] = figures['without_copies']
    if 'ferplus' in figures:
        chosen['ferplus_agreement'] = round(figures['ferplus']['agreement'], 4)
    return chosen


def _main_figures(figures: dict[str, Any]) -> dict[str, Any]:
    names = ('count', 'accuracy', 'balanced_accuracy', 'macro_f1', 'ece', 'nll')
    return {name: round(figures[name], 4) for name in names}


def lines(name: str, figures: dict[str, Any]) -> Iterator[str]:
    """Return the main figures of a model and the skipped pictures as text."""
    for where, row in (('', figures), (' without copies', figures.get('without_copies'))):
        if row:
            yield (
                f'{name} in {figures["runtime"]}{where}: accuracy {row["accuracy"]:.4f}, '
                f'balanced {row["balanced_accuracy"]:.4f}, macro F1 {row["macro_f1"]:.4f}, '
                f'ECE {row["ece"]:.4f} on {row["count"]} pictures'
            )
    yield (
        f'  by chance, a perfectly calibrated model has an ECE of {figures["ece_by_chance"]:.4f} '
        f'on {figures["count"]} pictures'
    )
    recalls = (
        f'{label} {row["recall"]:.3f}' if row['count'] else f'{label} (no pictures)'
        for label, row in figures['classes'].items()
    )
    yield f'  recall of each class: {", ".join(recalls)}'
    for label, count in figures['left_out'].items():
        yield (
            f'  {count} pictures of {label} were skipped, because the model does not have this '
            'class'
        )

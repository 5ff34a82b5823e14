"""Judge the files of a model folder, as the robot runs them, on labelled faces."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.classification import RUNTIMES, Classifier, load_classifier, softmax
from fer_ros.core.models import ModelCard
from training.base.files import write_json
from training.data.dataset import TRAIN, Dataset
from training.data.duplicates import find_copies
from training.data.labels import map_labels
from training.data.merge import merge_datasets
from training.data.open import (
    add_data_arguments,
    data_options,
    open_data,
    refuse_data_beside_run,
)
from training.errors import TrainingError
from training.judging.inference import logits_of, match_classes
from training.judging.metrics import majority, summarise
from training.judging.public_runs import add_log_argument, record_run
from training.learning.parts import data_of_run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add('--model', action='append', required=True, type=Path, help='model folder; repeat: compare')
    add_data_arguments(parser, required=False)
    add('--run', type=Path, help='judge on the data of this run instead, with --split')
    add('--split', default='', help='of the data; all of it when not given')
    add('--runtime', choices=('auto', *RUNTIMES), default='auto', help='to run in')
    add(
        '--near', nargs='?', const='', metavar='DATA',
        help='with --split: also tell near copies of training pictures apart; with DATA: copies '
        'of the pictures of that set',
    )  # fmt: skip
    add('--json', type=Path, help='file for the figures')
    add('--report', type=Path, help='file for a report with plots, .md or .html')
    add('--no-faces', action='store_true', help='no pictures of people in the report')
    add('--into-card', metavar='NAME', help='write the figures into the card, under this name')
    add_log_argument(parser)


@dataclass(frozen=True)
class Evaluation:
    """What a model said about a data set.

    data: the pictures it was asked about. labels: (N,) indices into its classes.
    probabilities: (N, K). figures: as they go into the JSON file. classifier: what ran.
    """

    data: Dataset
    labels: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    figures: dict[str, Any]
    classifier: Classifier


def run(options: argparse.Namespace) -> None:
    """Evaluate each model; print the main figures; write what was asked for."""
    if options.no_faces and not options.report:
        raise TrainingError('--no-faces says what a report shows; give --report too')
    everything = _open(options)
    _require_training_pictures(everything, options)
    data = everything.split(options.split) if options.split else everything
    if options.near:
        leaked = copies_of(data, open_data(replace(data_options(options), sources=[options.near])))
    else:
        leaked = copies_of_training(everything, options.split, options.near is not None)
    results: dict[str, Evaluation] = {}
    for folder in options.model:
        card = ModelCard.read(folder)
        name = card.name if card.name not in results else str(folder)
        results[name] = evaluate(card, data, leaked, options.runtime)
        print_figures(name, results[name].figures)
        record_run(options, 'evaluate', results[name].classifier, for_card(results[name].figures))
        if options.into_card:
            metrics = {**card.metrics, options.into_card: for_card(results[name].figures)}
            replace(card, metrics=metrics).write(card.folder)
    if options.json:
        figures = {name: result.figures for name, result in results.items()}
        write_json(options.json, figures if len(figures) > 1 else next(iter(figures.values())))
    if options.report:
        from training.reports.evaluation import write_report

        write_report(options.report, results, faces=not options.no_faces)


def _require_training_pictures(data: Dataset, options: argparse.Namespace) -> None:
    """Raise TrainingError where --near without a set has nothing to compare with."""
    splits = sorted(set(data.splits.tolist()))
    if options.near == '' and (options.split in ('', TRAIN) or TRAIN not in splits):
        raise TrainingError(
            f'--near looks in one split for copies of the split {TRAIN!r}; give data with both '
            f'and --split. This data has: {", ".join(splits)}'
        )


def _open(options: argparse.Namespace) -> Dataset:
    if options.run:
        refuse_data_beside_run(options)
        return data_of_run(options.run)[0]
    if not options.data:
        raise TrainingError('say what to judge on: --data, or --run with --split')
    return open_data(data_options(options))


def evaluate(
    card: ModelCard, data: Dataset, leaked: NDArray[np.bool_], runtime: str = 'auto'
) -> Evaluation:
    """Run a model on a data set and judge it.

    leaked: (N,), pictures of `data` that have a copy in its training split; figures without
    them stand under 'without_copies'. 'restricted' chooses among the data's classes only. Where
    the data has votes, 'ferplus' holds the agreement with their majority.
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
    if matched.data.votes is not None:
        figures['ferplus'] = _agreement(matched.data, matched.labels, probabilities, card.labels)
    return Evaluation(matched.data, matched.labels, probabilities, figures, classifier)


def _agreement(
    data: Dataset,
    labels: NDArray[np.int64],
    probabilities: NDArray[np.float32],
    classes: tuple[str, ...],
) -> dict[str, Any]:
    """Return how often answers, and labels, are what most annotators said.

    Pictures without a majority, or with one for a class that the model lacks, are left out.
    """
    assert data.votes is not None
    indices = [-1 if index is None else index for index in map_labels(data.classes, classes)]
    most = np.array([*indices, -1])[majority(data.votes)]
    told = most >= 0
    return {
        'count': int(told.sum()),
        'agreement': float((probabilities.argmax(axis=1) == most)[told].mean()),
        'agreement_of_labels': float((labels == most)[told].mean()),
    }


def copies_of_training(data: Dataset, split: str, near: bool = False) -> NDArray[np.bool_]:
    """Return for the pictures of a split (all for '') whether training has a copy of them."""
    here = data.splits == split if split else np.ones(len(data), dtype=bool)
    if split in ('', TRAIN) or not (data.splits == TRAIN).any():
        return np.zeros(int(here.sum()), dtype=bool)
    groups = find_copies(data.pictures, near).groups
    return np.isin(groups[here], groups[data.splits == TRAIN])


def copies_of(data: Dataset, other: Dataset) -> NDArray[np.bool_]:
    """Return for the pictures of a set whether another set has an exact or near copy of them."""
    groups = find_copies(merge_datasets([data, other]).pictures).groups
    return np.isin(groups[: len(data)], groups[len(data) :])


def for_card(figures: dict[str, Any]) -> dict[str, Any]:
    """Return the figures that belong on a card, rounded to what they are worth."""
    chosen = _main_figures(figures)
    for what in ('recall', 'precision'):
        chosen[what] = {name: round(row[what], 4) for name, row in figures['classes'].items()}
    if 'without_copies' in figures:
        chosen['without_copies'] = figures['without_copies']
    if 'ferplus' in figures:
        chosen['ferplus_agreement'] = round(figures['ferplus']['agreement'], 4)
    return chosen


def _main_figures(figures: dict[str, Any]) -> dict[str, Any]:
    names = ('count', 'accuracy', 'balanced_accuracy', 'macro_f1', 'ece', 'nll')
    return {name: round(figures[name], 4) for name in names}


def print_figures(name: str, figures: dict[str, Any]) -> None:
    """Print the main figures, and what was left out."""
    for where, row in (('', figures), (' without copies', figures.get('without_copies'))):
        if row:
            print(
                f'{name} in {figures["runtime"]}{where}: accuracy {row["accuracy"]:.4f}, '
                f'balanced {row["balanced_accuracy"]:.4f}, macro F1 {row["macro_f1"]:.4f}, '
                f'ECE {row["ece"]:.4f} on {row["count"]} pictures'
            )
    for label, count in figures['left_out'].items():
        print(f'  {count} pictures of {label} left out: the model has no such class')

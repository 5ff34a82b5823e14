"""Show how a model folder bears what cameras and people do to faces."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.classification import RUNTIMES, Classifier, load_classifier
from fer_ros.core.models import ModelCard
from training.base.files import write_json
from training.base.progress import progress
from training.data.dataset import Dataset
from training.data.open import add_data_arguments, data_options, open_data
from training.data.pictures import ArrayPictures
from training.data.sample import add_sample_arguments, take_sample
from training.errors import TrainingError
from training.judging.corruptions import CORRUPTIONS, corrupt
from training.judging.inference import logits_of, match_classes
from training.judging.public_runs import add_log_argument, record_run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add('--model', action='append', required=True, type=Path, help='model folder; repeat: compare')
    add_data_arguments(parser)
    add('--split', default='', help='of the data; all of it when not given')
    add_sample_arguments(parser)
    add('--runtime', choices=('auto', *RUNTIMES), default='auto', help='to run in')
    add('--json', type=Path, help='file for the figures')
    add('--report', type=Path, help='file for a report with plot and examples, .md or .html')
    add('--no-faces', action='store_true', help='no pictures of people in the report')
    add_log_argument(parser)


def run(options: argparse.Namespace) -> None:
    """Judge each model; print a line for each kind of trouble; write what was asked for."""
    if options.no_faces and not options.report:
        raise TrainingError('--no-faces says what a report shows; give --report too')
    data = open_data(data_options(options))
    data = take_sample(data.split(options.split) if options.split else data, options)
    results: dict[str, dict[str, Any]] = {}
    for folder in options.model:
        classifier = load_classifier(ModelCard.read(folder), options.runtime)
        figures = robustness(classifier, data)
        results[classifier.name if classifier.name not in results else str(folder)] = figures
        print_figures(classifier.name, figures)
        record_run(options, 'robustness', classifier, for_card(figures))
    if options.json:
        write_json(options.json, results)
    if options.report:
        from training.reports.robustness import write_report

        examples = None if options.no_faces else data.pictures.load(slice(0, 2))
        write_report(options.report, results, examples)


def robustness(classifier: Classifier, data: Dataset) -> dict[str, Any]:
    """Return the accuracy on clean pictures, and under each corruption at each strength.

    'mean' is over all kinds and strengths, each counting the same.
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
    """Return the figures that belong on a card: accuracies, mild to strong, by kind."""
    return {
        'count': figures['count'],
        'clean': round(figures['clean'], 4),
        'mean': round(figures['mean'], 4),
        **{kind: accuracies(rows, 4) for kind, rows in figures['kinds'].items()},
    }


def accuracies(rows: Sequence[Mapping[str, Any]], digits: int) -> list[float]:
    """Return the accuracies of one kind, mild first, rounded."""
    return [round(row['accuracy'], digits) for row in rows]


def print_figures(name: str, figures: Mapping[str, Any]) -> None:
    """Print a line for each kind."""
    print(f'{name}: clean {figures["clean"]:.3f}, mean of all troubles {figures["mean"]:.3f}, '
          f'on {figures["count"]} pictures')  # fmt: skip
    for kind, rows in figures['kinds'].items():
        print(f'  {kind:15s}', '  '.join(f'{row["label"]}: {row["accuracy"]:.3f}' for row in rows))

"""Evaluate the files of a model folder on labelled faces, as the robot runs them."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.classification import RUNTIMES
from fer_ros.core.models import ModelCard
from training.base.files import write_json
from training.commands.options import (
    add_data_arguments,
    add_log_argument,
    add_model_arguments,
    add_report_arguments,
    add_split_argument,
    check_report_arguments,
    data_options,
    open_listed,
    refuse_data_beside_run,
    split_of,
)
from training.commands.results import publish, write_into_card
from training.data.dataset import DEVELOPMENT, TEST, TRAIN, Dataset
from training.data.open import open_data
from training.data.prepare import Use
from training.errors import TrainingError
from training.evaluation.accuracy import (
    Evaluation,
    copies_of,
    copies_of_training,
    evaluate,
    for_card,
    lines,
)
from training.learning.run import Run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add_model_arguments(parser)
    add_data_arguments(parser, required=False)
    add(
        '--run',
        type=Path,
        help='evaluate on the data of this run: its test split or, without one, its development '
        'part; --split chooses another one',
    )
    add_split_argument(parser)
    add(
        '--near', nargs='?', const='', metavar='DATA',
        help='with --split: also evaluate without near copies of training pictures; with DATA: '
        'without copies of the pictures of that set',
    )  # fmt: skip
    add_report_arguments(parser, 'plots')
    add('--into-card', metavar='NAME', help='write the figures to the card under this name')
    add_log_argument(parser)


def run(options: argparse.Namespace) -> None:
    """Evaluate each model, print the main figures, and write the requested files."""
    check_report_arguments(options)
    everything = _open(options)
    _require_training_pictures(everything, options)
    data = split_of(everything, options)
    leaked = _leaked(data, everything, options)
    results: dict[str, Evaluation] = {}
    for folder in options.model:
        card = ModelCard.read(folder)
        name = card.name if card.name not in results else str(folder)
        result = results[name] = evaluate(card, data, leaked, options.runtime)
        kept = for_card(result.figures)
        file = card.files[RUNTIMES[result.classifier.runtime_name].file_format].file
        text = lines(f'{name} ({file})', result.figures)
        publish(options, 'evaluate', result.classifier, text, kept)
        if options.into_card:
            write_into_card(card, options.into_card, kept)
    if options.json:
        figures = {name: result.figures for name, result in results.items()}
        write_json(options.json, figures if len(figures) > 1 else next(iter(figures.values())))
    if options.report:
        from training.reports.evaluation import write_report

        write_report(options.report, results, faces=not options.no_faces)


def _leaked(data: Dataset, everything: Dataset, options: argparse.Namespace) -> NDArray[np.bool_]:
    """Return for each picture whether training, or the data of --near, contains a copy."""
    if options.near:
        other = open_data(replace(data_options(options), sources=[options.near]))
        return copies_of(data, other)
    return copies_of_training(everything, options.split, options.near is not None)


def _require_training_pictures(data: Dataset, options: argparse.Namespace) -> None:
    """Raise TrainingError if --near without a data set cannot compare anything."""
    splits = sorted(set(data.splits.tolist()))
    if options.near == '' and (options.split in ('', TRAIN) or TRAIN not in splits):
        raise TrainingError(
            f'--near searches a split for copies of the split {TRAIN!r}: use data that has both, '
            f'and add --split. The splits of this data: {", ".join(splits)}'
        )


def _open(options: argparse.Namespace) -> Dataset:
    if options.run:
        refuse_data_beside_run(options)
        return _data_of_run(options)
    if not options.data:
        raise TrainingError('name the data to evaluate on: --data or --run')
    return open_listed(options)


def _data_of_run(options: argparse.Namespace) -> Dataset:
    """Return the data of a run with its development part as a split, and choose a split."""
    data, parts = Run(options.run).data()
    splits = data.splits.astype(object)
    splits[parts.uses == Use.DEVELOPMENT] = DEVELOPMENT
    if not options.split:
        unseen = [name for name in (TEST, DEVELOPMENT) if name in splits]
        if not unseen:
            raise TrainingError(
                f'{options.run} has no test split and no development part: choose a split with '
                '--split, or name other pictures with --data'
            )
        options.split = unseen[0]
        print(f'the split {options.split} of the run')
    return replace(data, splits=splits.astype(np.str_))

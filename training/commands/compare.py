"""Compare model folders: measure all published figures again."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from fer_ros.core.classification import load_classifier
from fer_ros.core.models import ModelCard
from training.base.files import write_json
from training.commands.options import (
    add_data_arguments,
    add_log_argument,
    add_runtime_argument,
    add_sample_arguments,
    add_search_arguments,
    add_split_argument,
    open_listed,
    sample_of,
    search_config,
    split_of,
)
from training.commands.results import publish, write_into_card
from training.errors import TrainingError
from training.evaluation import accuracy, end_to_end, robustness, video
from training.evaluation.latency import processor, time_side_by_side
from training.exporting.model_size import size_figures

#: The values of --measure.
MEASUREMENTS = ('latency', 'accuracy', 'robustness', 'video', 'end-to-end')
#: The evaluations, with their functions for text and for cards.
EVALUATIONS = {
    'accuracy': accuracy,
    'robustness': robustness,
    'video': video,
    'end_to_end': end_to_end,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add('model', metavar='MODEL', nargs='+', type=Path, help='folders of models')  # fmt: skip
    add_data_arguments(parser)
    add_split_argument(parser)
    add_sample_arguments(parser)
    add_search_arguments(parser)
    add(
        '--measure',
        nargs='+',
        choices=MEASUREMENTS,
        metavar='WHAT',
        help=f'what to measure: {", ".join(MEASUREMENTS)}; default: all',
    )
    add_runtime_argument(parser)
    add(
        '--out',
        type=Path,
        help='report to write, .md or .html; the figures are written next to it as .json',
    )
    add('--into-cards', metavar='NAME', help='write the figures to the cards under this name')
    add_log_argument(parser)


def run(options: argparse.Namespace) -> None:
    """Measure, print, write."""
    if options.out:
        _check_out(options.out, options.overwrite)
    measure = options.measure or MEASUREMENTS
    cards = [ModelCard.read(folder) for folder in options.model]
    if len({card.name for card in cards}) < len(cards):
        raise TrainingError('two of the models have the same name: rename one of the folders')
    models: list[dict[str, Any]] = [{'model': card.name, **size_figures(card)} for card in cards]
    if 'latency' in measure:
        for model, milliseconds in zip(models, time_side_by_side(cards), strict=True):
            model['latency'] = milliseconds
    everything = open_listed(options)
    data = split_of(everything, options)
    sample = sample_of(data, options)
    classifiers = [load_classifier(card, options.runtime) for card in cards]
    if 'accuracy' in measure:
        leaked = accuracy.copies_of_training(everything, options.split, near=True)
        results = (accuracy.evaluate(card, data, leaked, options.runtime) for card in cards)
        _add(models, 'accuracy', (result.figures for result in results))
    if 'robustness' in measure:
        _add(models, 'robustness', (robustness.robustness(c, sample) for c in classifiers))
    if 'video' in measure:
        _add(models, 'video', (video.video(c, data, options.seed) for c in classifiers))
    if 'end-to-end' in measure:
        config = search_config(options)
        _add(models, 'end_to_end', end_to_end.end_to_end(classifiers, sample, config))
    for model, card, classifier in zip(models, cards, classifiers, strict=True):
        kept = for_card(model, options.split)
        publish(options, 'compare', classifier, (), kept)
        if options.into_cards:
            write_into_card(card, options.into_cards, kept)
    _write(options, models, {'fingerprint': data.fingerprint(), 'sample': len(sample)})


def _check_out(path: Path, overwrite: bool) -> None:
    """Raise TrainingError if the report could not be written. The measurement takes long."""
    from training.reports.report import check_report

    check_report(path)
    figures = path.with_suffix('.json')
    if figures.exists() and not overwrite:
        raise TrainingError(
            f'{figures} already exists: name another --out, or add --overwrite to replace it'
        )


def _add(models: Sequence[dict[str, Any]], name: str, measured: Iterable[dict[str, Any]]) -> None:
    """Add figures to those of the models, and print each one immediately."""
    for model, figures in zip(models, measured, strict=True):
        model[name] = figures
        for line in EVALUATIONS[name].lines(model['model'], figures):
            print(line)


def for_card(model: Mapping[str, Any], split: str) -> dict[str, Any]:
    """Return the figures of a model for its card."""
    chosen: dict[str, Any] = {'split': split or 'all'}
    for name, module in EVALUATIONS.items():
        if name in model:
            figures = module.for_card(model[name])
            chosen |= figures if name == 'accuracy' else {name: figures}
    return chosen


def _write(
    options: argparse.Namespace, models: Sequence[dict[str, Any]], data: dict[str, Any]
) -> None:
    if not options.out:
        return
    from training.reports.comparison import write_report

    origin = {
        'command': 'python -m training ' + shlex.join(sys.argv[1:]),
        'date': datetime.now(timezone.utc).date().isoformat(),
        'machine': processor(),
        'data': {'sha256': data['fingerprint'], 'split': options.split, 'sample': data['sample']},
    }
    write_json(options.out.with_suffix('.json'), {**origin, 'models': models})
    write_report(options.out, models, origin)

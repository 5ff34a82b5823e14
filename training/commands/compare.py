"""Set model folders side by side: everything that is claimed about them, measured anew."""

from __future__ import annotations

import argparse
import platform
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from fer_ros.core.classification import RUNTIMES, load_classifier
from fer_ros.core.models import ModelCard
from training.base.files import write_json
from training.commands import end_to_end, evaluate, robustness
from training.data.open import add_data_arguments, data_options, open_data
from training.data.sample import add_sample_arguments, take_sample
from training.errors import TrainingError
from training.exporting.model_size import size_figures
from training.judging.latency import time_side_by_side
from training.judging.public_runs import add_log_argument, record_run

PARTS = ('latency', 'accuracy', 'robustness', 'end-to-end')


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add('model', metavar='MODEL', nargs='+', type=Path, help='model folders; times relate to the '
        'first')  # fmt: skip
    add_data_arguments(parser)
    add('--split', default='', help='of the data; all of it when not given')
    add_sample_arguments(parser)
    end_to_end.add_search_arguments(parser)
    add('--parts', nargs='+', choices=PARTS, default=PARTS, help='what to measure')
    add('--runtime', choices=('auto', *RUNTIMES), default='auto', help='to judge in')
    add('--out', type=Path, help='report to write, .md or .html; figures go beside it as .json')
    add('--into-cards', metavar='NAME', help='write the figures into the cards, under this name')
    add_log_argument(parser)


def run(options: argparse.Namespace) -> None:
    """Measure, print, write."""
    cards = [ModelCard.read(folder) for folder in options.model]
    if len({card.name for card in cards}) < len(cards):
        raise TrainingError('two of the models have the same name: compare folders of other names')
    models: list[dict[str, Any]] = [{'model': card.name, **size_figures(card)} for card in cards]
    if 'latency' in options.parts:
        for model, milliseconds in zip(models, time_side_by_side(cards), strict=True):
            model['latency'] = milliseconds
    everything = open_data(data_options(options))
    data = everything.split(options.split) if options.split else everything
    classifiers = [load_classifier(card, options.runtime) for card in cards]
    if 'accuracy' in options.parts:
        leaked = evaluate.copies_of_training(everything, options.split, near=True)
        for model, card in zip(models, cards, strict=True):
            result = evaluate.evaluate(card, data, leaked, options.runtime)
            evaluate.print_figures(card.name, result.figures)
            model['accuracy'] = result.figures
    sample = take_sample(data, options)
    if 'robustness' in options.parts:
        for model, classifier in zip(models, classifiers, strict=True):
            model['robustness'] = robustness.robustness(classifier, sample)
            robustness.print_figures(classifier.name, model['robustness'])
    if 'end-to-end' in options.parts:
        figures = end_to_end.end_to_end(classifiers, sample, options)
        for model, found in zip(models, figures, strict=True):
            model['end_to_end'] = found
            end_to_end.print_figures(model['model'], found)
    for model, classifier in zip(models, classifiers, strict=True):
        record_run(options, 'compare', classifier, for_card(model, options.split))
    _write(options, models, {'fingerprint': data.fingerprint(), 'sample': len(sample)})
    if options.into_cards:
        for model, card in zip(models, cards, strict=True):
            metrics = {**card.metrics, options.into_cards: for_card(model, options.split)}
            replace(card, metrics=metrics).write(card.folder)


def for_card(model: dict[str, Any], split: str) -> dict[str, Any]:
    """Return the figures of one model that belong on its card."""
    chosen: dict[str, Any] = {'split': split or 'all'}
    if 'accuracy' in model:
        chosen |= evaluate.for_card(model['accuracy'])
    if 'robustness' in model:
        chosen['robustness'] = robustness.for_card(model['robustness'])
    if 'end_to_end' in model:
        chosen['end_to_end'] = end_to_end.for_card(model['end_to_end'])
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
    write_report(options.out, models, origin)
    write_json(options.out.with_suffix('.json'), {**origin, 'models': models})


def processor() -> str:
    """Return the name of the processor, as Linux tells it, else the platform's."""
    try:
        for line in Path('/proc/cpuinfo').read_text().splitlines():
            if line.startswith('model name'):
                return line.partition(':')[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()

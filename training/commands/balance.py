"""Make a trained model choose rare classes more often: logit adjustment (Menon et al. 2021)."""

from __future__ import annotations

import argparse
from pathlib import Path

from fer_ros.core.classification import load_classifier
from fer_ros.core.models import ModelCard
from training.commands.options import add_data_arguments, parts_of
from training.errors import TrainingError
from training.exporting.balance import NOTE, judge, log_frequencies, write_balanced
from training.judging.inference import logits_of, match_classes

#: Strengths in the table.
STRENGTHS = tuple(step / 10 for step in range(11))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add('model', metavar='MODEL', type=Path, help='model folder')
    add(
        '--run',
        type=Path,
        help='run folder: its class counts are used, and its development part is used for '
        'evaluation',
    )
    add('--parts', type=Path, metavar='FILE', help='with --data: the parts.npz of that run')
    add_data_arguments(parser, required=False)
    add(
        '--strength',
        type=float,
        help='write the model with this strength; without it, only show the table',
    )
    add(
        '--precision',
        choices=('float32', 'float16'),
        default='float32',
        help='precision of the TFLite file, as in export',
    )


def run(options: argparse.Namespace) -> None:
    """Show the effect of each strength, and write the model if a strength is given."""
    card = ModelCard.read(options.model)
    if NOTE in card.data:
        raise TrainingError(f'{options.model} is already balanced: export it again first')
    parts = parts_of(options)
    if parts.development is None:
        raise TrainingError(
            'there is no development part to evaluate on: train with --development above 0'
        )
    offsets = log_frequencies(card, parts.training)
    matched = match_classes(parts.development, card.labels)
    logits = logits_of(load_classifier(card), matched.data)
    print('strength  accuracy  balanced  least recall')
    for strength in STRENGTHS:
        row = judge(logits - strength * offsets, matched.labels)
        least = card.labels[row.least]
        print(
            f'{strength:8.1f}  {row.accuracy:8.4f}  {row.balanced:8.4f}  '
            f'{row.recall[row.least]:.4f} ({least})'
        )
    if options.strength is not None:
        write_balanced(card, offsets, options.strength, options.precision)
        print('the temperature is unchanged: run calibrate again')

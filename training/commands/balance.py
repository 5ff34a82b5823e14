"""Let a trained model decide for rare classes more often: logit adjustment (Menon et al. 2021)."""

from __future__ import annotations

import argparse
from pathlib import Path

from fer_ros.core.classification import load_classifier
from fer_ros.core.models import ModelCard
from training.commands.options import add_data_arguments, parts_of
from training.errors import TrainingError
from training.exporting.balance import NOTE, judge, log_frequencies, write_balanced
from training.judging.inference import logits_of, match_classes

#: Strengths whose effect is shown.
STRENGTHS = tuple(step / 10 for step in range(11))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add('model', metavar='MODEL', type=Path, help='model folder')
    add('--run', type=Path, help='run folder: its classes count, its development part judges')
    add('--parts', type=Path, metavar='FILE', help='with --data: the parts.npz of that run')
    add_data_arguments(parser, required=False)
    add('--strength', type=float, help='write the model with this strength; else only show')
    add('--precision', choices=('float32', 'float16'), default='float32', help='as exported')


def run(options: argparse.Namespace) -> None:
    """Show what each strength would do; write the model with the one that is given."""
    card = ModelCard.read(options.model)
    if NOTE in card.data:
        raise TrainingError(f'{options.model} has been adjusted before: export it again')
    parts = parts_of(options)
    if parts.development is None:
        raise TrainingError('there is no development part to judge on')
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
        print('the temperature is as it was: calibrate again')

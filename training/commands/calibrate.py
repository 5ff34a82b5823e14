"""Fit the temperature of a model folder (Guo et al. 2017), so that confidence matches accuracy."""

from __future__ import annotations

import argparse
from pathlib import Path

from fer_ros.core.models.card import ModelCard
from training.commands.options import (
    add_data_arguments,
    open_listed,
    parts_of,
    split_of,
)
from training.errors import TrainingError
from training.evaluation.calibration import adopt, calibrate


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument('model', metavar='MODEL', type=Path, help='model folder')
    parser.add_argument(
        '--run', type=Path, help='run folder: calibrate on the pictures that it was not trained on'
    )
    parser.add_argument('--split', default='', help='split of --data; default: all pictures')
    parser.add_argument(
        '--parts', type=Path, metavar='FILE',
        help='with --data: the parts.npz of a run; calibrate on the pictures that it was not '
        'trained on',
    )  # fmt: skip
    parser.add_argument(
        '--twin', type=Path, metavar='MODEL',
        help='for a model that was trained with --everything: model folder of the same recipe '
        'without that option; its temperature and figures are used',
    )  # fmt: skip
    add_data_arguments(parser, required=False)


def run(options: argparse.Namespace) -> None:
    """Fit the temperature and write the card again."""
    card = ModelCard.read(options.model)
    if options.twin:
        for name in ('run', 'data', 'parts', 'split'):
            if getattr(options, name):
                raise TrainingError(f'--twin needs no data: remove --{name}')
        adopt(card, ModelCard.read(options.twin))
        return
    if options.run or options.parts:
        if options.split:
            raise TrainingError(
                '--split belongs to --data: remove it, because --run uses its development split'
            )
        data = parts_of(options).calibration
        if data is None:
            raise TrainingError('the run has no development data: use --data instead of --run')
    elif options.data:
        data = split_of(open_listed(options), options)
    else:
        raise TrainingError(
            'name the data to calibrate on: --run, or --data that was not used for training'
        )
    calibrate(card, data)

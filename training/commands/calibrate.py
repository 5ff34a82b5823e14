"""Fit the temperature of a model folder (Guo et al. 2017): its confidence can then be believed."""

from __future__ import annotations

import argparse
from pathlib import Path

from fer_ros.core.models.card import ModelCard
from training.commands.options import (
    add_data_arguments,
    data_options,
    parts_of,
    refuse_data_beside_run,
    split_of,
)
from training.data.open import open_data
from training.errors import TrainingError
from training.judging.calibration import calibrate


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument('model', metavar='MODEL', type=Path, help='model folder')
    parser.add_argument('--run', type=Path, help='run folder: on what it did not learn from')
    parser.add_argument('--split', default='', help='of --data; all of it when not given')
    parser.add_argument(
        '--parts', type=Path, metavar='FILE',
        help='with --data: a parts.npz; on what the run that kept it did not learn from',
    )  # fmt: skip
    add_data_arguments(parser, required=False)


def run(options: argparse.Namespace) -> None:
    """Fit, and write the card again with temperature and check."""
    card = ModelCard.read(options.model)
    if options.run or options.parts:
        if options.run:
            refuse_data_beside_run(options)
        if options.split:
            raise TrainingError('--split is of --data alone; a run has its development split')
        data = parts_of(options).calibration
        if data is None:
            raise TrainingError('the run kept no development data; give --data alone')
    elif options.data:
        data = split_of(open_data(data_options(options)), options)
    else:
        raise TrainingError('say what to calibrate on: --run, or --data that was not trained on')
    calibrate(card, data)

"""Fit the temperature of a model folder (Guo et al. 2017): its confidence can then be believed."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from fer_ros.core.classification import load_classifier, softmax
from fer_ros.core.models.card import ModelCard
from fer_ros.core.models.check import choose_check
from training.data.dataset import Dataset
from training.data.open import (
    add_data_arguments,
    data_options,
    open_data,
    refuse_data_beside_run,
)
from training.errors import TrainingError
from training.judging.inference import logits_of, match_classes
from training.judging.metrics import expected_calibration_error, negative_log_likelihood
from training.learning.parts import parts_of

#: Temperatures that are searched.
RANGE = (0.2, 5.0)
#: Pictures below which the fitted temperature is mostly chance.
FEW = 300


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
        data = open_data(data_options(options))
        data = data.split(options.split) if options.split else data
    else:
        raise TrainingError('say what to calibrate on: --run, or --data that was not trained on')
    calibrate(card, data)


def calibrate(card: ModelCard, data: Dataset) -> ModelCard:
    """Return the card with the temperature that fits `data` best, written to its folder."""
    classifier = load_classifier(card)
    matched = match_classes(data, card.labels)
    if len(matched.labels) < FEW:
        print(
            f'warning: {len(matched.labels)} pictures are few to fit a temperature on; take the '
            f'confidence with a grain of salt, or calibrate again with {FEW} or more'
        )
    logits = logits_of(classifier, matched.data)
    temperature = fit_temperature(logits, matched.labels)
    for name, value in (('before', card.temperature), ('after', temperature)):
        probabilities = softmax(logits, value)
        print(
            f'{name:6s} temperature {value:.3f}: '
            f'ECE {expected_calibration_error(probabilities, matched.labels):.4f}, '
            f'NLL {negative_log_likelihood(probabilities, matched.labels):.4f} '
            f'on {len(matched.labels)} pictures'
        )
    return with_temperature(card, temperature)


def with_temperature(card: ModelCard, temperature: float) -> ModelCard:
    """Return the card with this temperature, written to its folder."""
    classifier = load_classifier(card)
    check = choose_check(
        lambda crops: softmax(classifier.logits(crops), temperature), card.labels, card.crop_spec
    )
    return replace(card, temperature=temperature, check=check).write(card.folder)


def fit_temperature(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Return the temperature within RANGE at which (N, K) logits fit the labels best."""
    result = minimize_scalar(
        lambda log: negative_log_likelihood(softmax(logits, float(np.exp(log))), labels),
        bounds=np.log(RANGE),
        method='bounded',
    )
    return round(float(np.exp(result.x)), 4)

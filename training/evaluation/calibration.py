"""Fit the temperature of a model folder (Guo et al. 2017)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from fer_ros.core.classification import load_classifier, softmax
from fer_ros.core.models.card import ModelCard
from fer_ros.core.models.check import choose_check
from training.data.dataset import Dataset
from training.errors import TrainingError
from training.evaluation.inference import logits_of, match_classes
from training.evaluation.metrics import (
    calibration_error_by_chance,
    expected_calibration_error,
    negative_log_likelihood,
)

#: Range of the temperature.
RANGE = (0.2, 5.0)
#: Text on the card of a model with the figures of another one.
TWIN = 'Temperature and figures are of a model of the same recipe with other data: '
#: Number of pictures below which the temperature is mostly random.
FEW = 300


def calibrate(card: ModelCard, data: Dataset) -> ModelCard:
    """Write the temperature that fits `data` best into the card. Return the card."""
    classifier = load_classifier(card)
    matched = match_classes(data, card.labels)
    if len(matched.labels) < FEW:
        print(
            f'warning: {len(matched.labels)} pictures are few for a temperature, so the '
            f'confidence can be wrong: calibrate again with {FEW} or more'
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
    if not 1.01 * RANGE[0] < temperature < 0.99 * RANGE[1]:
        print(
            'warning: the temperature is at the end of its range, so the model hardly fits the '
            'labels: train it longer, or check the data'
        )
    chance = calibration_error_by_chance(softmax(logits, temperature))
    print(
        f'by chance, a perfectly calibrated model has an ECE of {chance:.4f} on '
        f'{len(matched.labels)} pictures'
    )
    return with_temperature(card, temperature)


def adopt(card: ModelCard, twin: ModelCard) -> ModelCard:
    """Write the temperature and figures of a twin into the card. Return the card.

    A model that was trained on all pictures has none left to measure. Its twin is a model of the
    same recipe that did not learn from the evaluation pictures.

    Raises:
        TrainingError: The two have different architectures or classes.
    """
    if (twin.architecture, twin.labels) != (card.architecture, card.labels):
        raise TrainingError(
            f'{twin.folder} has another architecture or other classes than {card.folder}: name a '
            'model of the same recipe'
        )
    note = f'{card.data.rstrip(".")}. {TWIN}{twin.data}'
    return with_temperature(replace(card, data=note, metrics=twin.metrics), twin.temperature)


def with_temperature(card: ModelCard, temperature: float) -> ModelCard:
    """Write a temperature into the card. Return the card."""
    classifier = load_classifier(card)
    check = choose_check(
        lambda crops: softmax(classifier.logits(crops), temperature),
        card.labels,
        card.crop_spec,
        card.check.tolerance,  # That of int8 is larger.
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

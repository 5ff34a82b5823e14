"""The time one face takes, of several models in turns, so that a busy machine slows all alike."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from fer_ros.core.classification import RUNTIMES, Classifier, load_classifier
from fer_ros.core.errors import ModelError
from fer_ros.core.models import ModelCard, check_input

#: Rounds, and faces timed in each of them per model; the first round is not counted.
ROUNDS, FACES = 21, 20


def time_side_by_side(cards: Sequence[ModelCard]) -> list[dict[str, dict[str, float]]]:
    """Return for each model, by runtime, `milliseconds` for one face on one thread, and `ratio`.

    Both are medians over rounds; ratio is to the first model in the same round. A runtime that is
    not installed, or cannot run one of the models, is said and left out.
    """
    times: list[dict[str, dict[str, float]]] = [{} for _ in cards]
    for runtime in RUNTIMES:
        try:
            classifiers = [load_classifier(card, runtime) for card in cards]
        except ModelError as error:
            print(f'{runtime} is not timed: {error}')
            continue
        rounds = np.array([
            [_milliseconds(classifier) for classifier in classifiers] for _ in range(ROUNDS)
        ])[1:]  # fmt: skip
        ratios = np.median(rounds / rounds[:, :1], axis=0)
        for model, median, ratio in zip(times, np.median(rounds, axis=0), ratios, strict=True):
            model[runtime] = {'milliseconds': float(median), 'ratio': float(ratio)}
    return times


def _milliseconds(classifier: Classifier) -> float:
    """Return the median for one face."""
    crop = check_input(classifier.crop_spec, 0)
    times = []
    for _ in range(FACES):
        begun = time.perf_counter()
        classifier.classify([crop])
        times.append(time.perf_counter() - begun)
    return float(np.median(times)) * 1e3

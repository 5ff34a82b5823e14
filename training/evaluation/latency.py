"""The time of models for one face, and the processor of the measurement."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from fer_ros.core.classification import RUNTIMES, Classifier, load_classifier
from fer_ros.core.errors import ModelError
from fer_ros.core.models import ModelCard, check_input

#: Number of rounds, and of faces per model in each round. The first round is not counted.
ROUNDS, FACES = 21, 20
#: Number of faces for the measurement of one model, after as many that are not counted.
TIMED = 200


def time_side_by_side(
    cards: Sequence[ModelCard], runtimes: Iterable[str] = tuple(RUNTIMES)
) -> list[dict[str, dict[str, float]]]:
    """Measure models in turns, so that other work on the machine affects all of them.

    Returns:
        For each model and runtime, `milliseconds` for one face on one thread, and `ratio` to the
        first model in the same round. Both are medians over rounds. A runtime that is not
        installed, or cannot run one of the models, is reported and skipped.
    """
    times: list[dict[str, dict[str, float]]] = [{} for _ in cards]
    for runtime in runtimes:
        try:
            classifiers = [load_classifier(card, runtime) for card in cards]
        except ModelError as error:
            print(f'{runtime} was not measured: {error}')
            continue
        rounds = np.array([
            [_median_milliseconds(classifier, FACES) for classifier in classifiers]
            for _ in range(ROUNDS)
        ])[1:]  # fmt: skip
        ratios = np.median(rounds / rounds[:, :1], axis=0)
        for model, median, ratio in zip(times, np.median(rounds, axis=0), ratios, strict=True):
            model[runtime] = {'milliseconds': float(median), 'ratio': float(ratio)}
    return times


def time_alone(card: ModelCard) -> dict[str, float]:
    """Measure one model. A runtime that cannot run it is reported.

    Returns:
        The median milliseconds for one face on one thread, by runtime.
    """
    found = {}
    for runtime in RUNTIMES:
        try:
            classifier = load_classifier(card, runtime)
        except ModelError as error:
            print(f'  {runtime}: {error}')
            continue
        _median_milliseconds(classifier, TIMED)
        found[runtime] = _median_milliseconds(classifier, TIMED)
    return found


def processor() -> str:
    """Return the name of the processor from Linux, otherwise that of the platform."""
    try:
        for line in Path('/proc/cpuinfo').read_text().splitlines():
            if line.startswith('model name'):
                return line.partition(':')[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _median_milliseconds(classifier: Classifier, faces: int) -> float:
    crop = check_input(classifier.crop_spec, 0)
    times = []
    for _ in range(faces):
        begun = time.perf_counter()
        classifier.classify([crop])
        times.append(time.perf_counter() - begun)
    return float(np.median(times)) * 1e3

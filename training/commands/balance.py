"""Let a trained model decide for rare classes more often: logit adjustment (Menon et al. 2021)."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.classification import load_classifier
from fer_ros.core.models import ModelCard
from training.base.backend import choose_backend
from training.commands.calibrate import with_temperature
from training.data.dataset import Dataset
from training.data.open import add_data_arguments
from training.errors import TrainingError
from training.judging.inference import logits_of, match_classes
from training.learning.parts import parts_of

#: Strengths whose effect is shown.
STRENGTHS = tuple(step / 10 for step in range(11))
#: How a card says that a model has been adjusted.
NOTE = 'of the log frequency of each class is taken off its logit'


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


@dataclass(frozen=True)
class Judgement:
    """Accuracy, the mean of the recalls, each recall (K,), and the class with the least."""

    accuracy: float
    balanced: float
    recall: NDArray[np.float64]
    least: int


def judge(logits: NDArray[np.float64], labels: NDArray[np.int64]) -> Judgement:
    """Judge (N, K) logits by the classes that the labels have."""
    said = logits.argmax(axis=1)
    there = np.unique(labels)
    recall = np.full(logits.shape[1], np.nan)
    recall[there] = [float((said[labels == k] == k).mean()) for k in there]
    least = int(np.nanargmin(recall))
    return Judgement(float((said == labels).mean()), float(np.nanmean(recall)), recall, least)


def log_frequencies(card: ModelCard, training: Dataset) -> NDArray[np.float64]:
    """Return (K,) log of the share of each of the model's classes in what it learned from."""
    labels = match_classes(training, card.labels).labels
    counts = np.bincount(labels, minlength=len(card.labels))
    if not counts.all():
        missing = [name for name, n in zip(card.labels, counts, strict=True) if not n]
        raise TrainingError(f'the data has no pictures of {", ".join(missing)}')
    frequencies: NDArray[np.float64] = np.log(counts / counts.sum())
    return frequencies


def write_balanced(
    card: ModelCard, offsets: NDArray[np.float64], strength: float, precision: str
) -> ModelCard:
    """Write the folder again with strength * offsets (K,) taken off the logits.

    The bias of the head holds them, so that the robot computes nothing more. The temperature
    stays. The figures of the card are left out: they are of another model now.
    """
    choose_backend('tensorflow')
    from training.exporting.model_folder import Texts, write_model_folder
    from training.learning.networks import load_network
    from training.zoo.blocks import HEAD

    network = load_network(card.folder)
    heads = [layer for layer in network.layers if layer.name.startswith(HEAD) and layer.weights]
    if not heads or not heads[-1].use_bias:
        raise TrainingError(f'{card.name} has no bias in its head that could take the offsets')
    bias = heads[-1].bias
    bias.assign(np.asarray(bias) - strength * offsets)
    texts = Texts(
        card.description,
        card.licence,
        f'{card.data.rstrip(".")}; {strength:g} {NOTE}.',
        card.limits,
    )
    written = write_model_folder(
        card.folder, network, card.labels, card.crop_spec, texts, card.task,
        card.input.normalisation, precision,
    )  # fmt: skip
    return with_temperature(replace(written, name=card.name), card.temperature)

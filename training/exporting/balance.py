"""Logit adjustment of a trained model (Menon et al. 2021)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.models import ModelCard
from training.base.backend import choose_backend
from training.data.dataset import Dataset
from training.data.sample import representative_inputs
from training.errors import TrainingError
from training.evaluation.calibration import with_temperature
from training.evaluation.inference import match_classes
from training.evaluation.metrics import recall_of_each

if TYPE_CHECKING:
    import keras

#: Text on the card of a balanced model.
NOTE = 'Balanced: '
#: Steps in which offsets_for_recall raises a class, and how far.
STEP, LARGEST = 0.05, 3.0


@dataclass(frozen=True)
class Scores:
    """Accuracy, the mean of the recalls, each recall (K,), and the class with the least."""

    accuracy: float
    balanced: float
    recall: NDArray[np.float64]
    least: int


def scores_of(logits: NDArray[np.float64], labels: NDArray[np.int64]) -> Scores:
    """Evaluate (N, K) logits over the classes of the labels."""
    predicted = logits.argmax(axis=1)
    recall = recall_of_each(labels, predicted, logits.shape[1])
    least = int(np.nanargmin(recall))
    return Scores(float((predicted == labels).mean()), float(np.nanmean(recall)), recall, least)


def log_frequencies(card: ModelCard, training: Dataset) -> NDArray[np.float64]:
    """Return (K,) the log share of each class in the training data of the model.

    Raises:
        TrainingError: The data has no pictures of a class.
    """
    labels = match_classes(training, card.labels).labels
    counts = np.bincount(labels, minlength=len(card.labels))
    if not counts.all():
        missing = [name for name, n in zip(card.labels, counts, strict=True) if not n]
        raise TrainingError(
            f'the data has no pictures of {", ".join(missing)}: use data with all classes'
        )
    frequencies: NDArray[np.float64] = np.log(counts / counts.sum())
    return frequencies


def offsets_for_recall(
    logits: NDArray[np.float64], labels: NDArray[np.int64], recall: float
) -> NDArray[np.float64]:
    """Return small (K,) offsets of (N, K) logits with which each class reaches a recall.

    The class with the least recall is raised step by step, until all reach it.

    Raises:
        TrainingError: a class does not reach it.
    """
    offsets = np.zeros(logits.shape[1])
    while True:
        scores = scores_of(logits + offsets, labels)
        if scores.recall[scores.least] >= recall:
            return offsets
        if offsets[scores.least] > LARGEST:
            raise TrainingError(
                f'not every class reaches a recall of {recall:g}: use a lower --least'
            )
        offsets[scores.least] += STEP


def write_balanced(
    card: ModelCard,
    offsets: NDArray[np.float64],
    note: str,
    precision: str = '',
    training: Dataset | None = None,
) -> ModelCard:
    """Write the folder again with offsets (K,) added to the logits.

    The offsets are stored in the bias of the head, so the robot computes no more than before. The
    temperature does not change. The figures are removed from the card, because the model is
    different.

    Args:
        card: of the model.
        offsets: (K,).
        note: what they are, for the card.
        precision: of the TFLite file; '' keeps it.
        training: pictures for the value ranges of int8.

    Raises:
        TrainingError: the head has no bias, or int8 has no pictures.
    """
    choose_backend('tensorflow')
    from training.exporting.model_folder import LITERT_FILE, Texts, write_model_folder
    from training.exporting.tflite import precision_of
    from training.learning.networks import load_network

    precision = precision or precision_of((card.folder / LITERT_FILE).read_bytes())
    samples = None
    if precision == 'int8':
        if training is None or training.size != card.input.size:
            raise TrainingError(
                f'the TFLite file of {card.name} is int8 and needs pictures of its size for its '
                'value ranges: add --run, or --precision float32'
            )
        samples = representative_inputs(training, card.input.normalisation)
    network = load_network(card.folder)
    _add_to_bias(network, offsets, card.name)
    texts = Texts(
        card.description,
        card.licence,
        f'{card.data.rstrip(".")}. {NOTE}{note}.',
        card.limits,
    )
    written = write_model_folder(
        card.folder, network, card.labels, card.crop_spec, texts, card.task,
        card.input.normalisation, precision, samples,
    )  # fmt: skip
    return with_temperature(replace(written, name=card.name), card.temperature)


def _add_to_bias(network: keras.Model, offsets: NDArray[np.float64], name: str) -> None:
    """Add offsets to the bias of the head. Raises TrainingError if there is no bias."""
    from training.zoo.blocks import HEAD

    heads = [layer for layer in network.layers if layer.name.startswith(HEAD) and layer.weights]
    if not heads or not heads[-1].use_bias:
        raise TrainingError(
            f'{name} has no bias in its head for the offsets: only models with a bias can be '
            'balanced'
        )
    bias = heads[-1].bias
    bias.assign(np.asarray(bias) + offsets)

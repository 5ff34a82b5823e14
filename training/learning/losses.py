"""Targets and losses."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from training.data.dataset import Dataset


def soft_targets(data: Dataset, votes_share: float = 0.0) -> NDArray[np.float32]:
    """Return (N, K) float32 targets: (1 - w) label + w votes, or the label without votes."""
    targets = np.eye(len(data.classes), dtype=np.float32)[data.labels]
    if data.votes is None or not votes_share:
        return targets
    voted = data.votes.sum(axis=1) > 0
    targets[voted] = (1 - votes_share) * targets[voted] + votes_share * data.votes[voted]
    return targets


def balanced_weights(labels: NDArray[np.int64], classes: int) -> NDArray[np.float32]:
    """Return (N,) weights with mean 1 that give each class the same total."""
    counts = np.bincount(labels, minlength=classes)
    per_class = len(labels) / (np.count_nonzero(counts) * np.maximum(counts, 1))
    weights: NDArray[np.float32] = per_class[labels].astype(np.float32)
    return weights


def logit_offsets(labels: NDArray[np.int64], classes: int, strength: float) -> NDArray[np.float32]:
    """Return (K,) strength * log frequency of each class (Menon et al. 2021).

    They are added to the logits only in the loss. They replace what the network would otherwise
    learn about the frequency of classes, so that it does not favour frequent classes.
    """
    counts = np.maximum(np.bincount(labels, minlength=classes), 1)
    offsets: NDArray[np.float32] = (strength * np.log(counts / len(labels))).astype(np.float32)
    return offsets


def distillation_loss(
    taught: keras.KerasTensor, logits: keras.KerasTensor, temperature: float
) -> keras.KerasTensor:
    """Return the cross-entropy with the teachers' softened probabilities, times T^2.

    See Hinton et al. 2015.

    Args:
        taught: (N, K) softened probabilities of the teachers.
        logits: (N, K) of the student.
        temperature: T.
    """
    likelihood = ops.log_softmax(ops.cast(logits, 'float32') / temperature)
    return -(temperature**2) * ops.mean(ops.sum(ops.cast(taught, 'float32') * likelihood, -1))


def l2_penalty(network: keras.Model) -> keras.KerasTensor:
    """Return the sum of squares of all trainable kernels."""
    return sum(
        ops.sum(ops.square(variable.value))
        for variable in network.trainable_variables
        if variable.path.endswith('kernel')
    )

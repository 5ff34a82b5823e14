"""The weights of a network during training: averaging, copies and storage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from training.errors import TrainingError
from training.learning.networks import use_full_precision, use_mixed_precision
from training.learning.trainer import Trainer


def average_weights(trainer: Trainer) -> list[NDArray[Any]]:
    """Replace the weights by their moving average, if there is one. Return the raw ones."""
    raw = copy_weights(trainer)
    trainer.optimizer.finalize_variable_values(trainer.trainable_variables)
    # Otherwise, JAX would share memory with the average and release it at the next step.
    restore_weights(trainer, copy_weights(trainer))
    return raw


def copy_weights(trainer: Trainer) -> list[NDArray[Any]]:
    """Return copies of the trainable weights."""
    return [np.array(ops.convert_to_numpy(v.value)) for v in trainer.trainable_variables]


def restore_weights(trainer: Trainer, raw: list[NDArray[Any]]) -> None:
    """Restore raw weights after `average_weights`."""
    for variable, value in zip(trainer.trainable_variables, raw, strict=True):
        variable.assign(value)


def save_network(network: keras.Model, path: Path) -> None:
    """Write a float32 .keras file in one step. After an error, the earlier file is unchanged."""
    part = path.with_name('part-' + path.name)
    mixed = any(layer.compute_dtype == 'bfloat16' for layer in network.layers)
    use_full_precision(network)
    try:
        network.save(part)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise TrainingError(
            f'cannot write {path} ({error}): check the disk space and the permissions; an '
            'earlier file is kept'
        ) from error
    finally:
        if mixed:
            use_mixed_precision(network)

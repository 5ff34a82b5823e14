"""The weights of a network while it learns: averaged, copied, put back, saved."""

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
    """Put the moving average of the weights in place, if there is one; return the raw ones."""
    raw = copy_weights(trainer)
    trainer.optimizer.finalize_variable_values(trainer.trainable_variables)
    # JAX would else share memory with the average, and give it away with the next step.
    restore_weights(trainer, copy_weights(trainer))
    return raw


def copy_weights(trainer: Trainer) -> list[NDArray[Any]]:
    """Return copies of the trainable weights."""
    return [np.array(ops.convert_to_numpy(v.value)) for v in trainer.trainable_variables]


def restore_weights(trainer: Trainer, raw: list[NDArray[Any]]) -> None:
    """Put raw weights back after `average_weights`."""
    for variable, value in zip(trainer.trainable_variables, raw, strict=True):
        variable.assign(value)


def save_network(network: keras.Model, path: Path) -> None:
    """Write a float32 .keras file in one step; after an error the earlier one is still there."""
    part = path.with_name('part-' + path.name)
    mixed = any(layer.compute_dtype == 'bfloat16' for layer in network.layers)
    use_full_precision(network)
    try:
        network.save(part)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise TrainingError(f'cannot write {path} ({error}); an earlier one is kept') from error
    finally:
        if mixed:
            use_mixed_precision(network)

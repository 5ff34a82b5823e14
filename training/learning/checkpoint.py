"""Storage of the state of a run: every variable as an array that any backend can read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from training.base.files import write_npz
from training.errors import TrainingError

STATE = 'state'


def save_checkpoint(
    path: Path, model: keras.Model, optimizer: keras.optimizers.Optimizer, state: dict[str, Any]
) -> None:
    """Write the weights, the variables of the optimizer and a state for JSON, in one step."""
    arrays: dict[str, Any] = {STATE: np.array(json.dumps(state))}
    arrays |= {
        f'{index:04d}': ops.convert_to_numpy(variable.value)
        for index, variable in enumerate(_variables(model, optimizer))
    }
    write_npz(path, **arrays)


def load_checkpoint(
    path: Path, model: keras.Model, optimizer: keras.optimizers.Optimizer
) -> dict[str, Any]:
    """Copy the values of a checkpoint into a model and its built optimizer. Return its state."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = [archive[name] for name in sorted(archive.files) if name != STATE]
            state: dict[str, Any] = json.loads(str(archive[STATE]))
    except Exception as error:
        raise TrainingError(
            f'the checkpoint {path} cannot be read ({error}): start again in a new folder'
        ) from error
    variables = _variables(model, optimizer)
    if [tuple(v.shape) for v in variables] != [a.shape for a in arrays]:
        raise TrainingError(
            f'the checkpoint {path} belongs to another architecture or optimizer: resume with '
            'the arguments of its record, or start in a new folder'
        )
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)
    return state


def _variables(model: keras.Model, optimizer: keras.optimizers.Optimizer) -> list[keras.Variable]:
    return list(model.variables) + list(optimizer.variables)

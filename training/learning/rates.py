"""Learning rates that decrease from the head of a network to its input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from training.learning.networks import depths_of


def rate_factors(network: keras.Model, decay: float) -> list[float]:
    """Return decay ** (number of later layers with kernels) for each trainable variable."""
    depths = depths_of(network)
    top = max(depths.values())
    by_path = {
        variable.path: decay ** (top - depths[layer.name])
        for layer in network.layers
        for variable in layer.trainable_variables
    }
    return [by_path[variable.path] for variable in network.trainable_variables]


def with_factors(
    kind: type[keras.optimizers.Optimizer], factors: Sequence[float]
) -> type[keras.optimizers.Optimizer]:
    """Return this kind of optimizer with a separate rate for each variable.

    It does not change the weight decay.
    """

    class Factored(kind):  # type: ignore[misc, valid-type]
        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> Any:
            """Update one variable by one step."""
            factor = factors[self._get_variable_index(variable)]
            return super().update_step(gradient, variable, learning_rate * factor)

    Factored.__name__ = kind.__name__
    return Factored

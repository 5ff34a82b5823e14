"""A ReLU that passes back only positive gradients, for guided back-propagation."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@ops.custom_gradient
def guided_relu(x: Any) -> Any:
    """Return max(x, 0).

    The backward pass drops negative gradients and those of negative inputs.
    """

    def backwards(*args: Any, upstream: Any = None) -> Any:
        gradient = upstream if upstream is not None else args[0]
        kept = ops.logical_and(x > 0, gradient > 0)
        return ops.where(kept, gradient, ops.zeros_like(gradient))

    return ops.relu(x), backwards


class GuidedReLU(keras.layers.Layer):
    """guided_relu as a layer."""

    def call(self, inputs: Any) -> Any:
        """Apply it."""
        return guided_relu(inputs)


def with_guided_relus(network: keras.Model) -> keras.Model:
    """Return a network with the same weights and guided ReLUs instead of ReLUs."""

    def replaced(layer: keras.Layer) -> keras.Layer:
        if isinstance(layer, keras.layers.ReLU):
            return GuidedReLU(name=layer.name)
        copy = layer.__class__.from_config(layer.get_config())
        if getattr(layer, 'activation', None) is keras.activations.relu:
            copy.activation = guided_relu
        return copy

    guided = keras.models.clone_model(network, clone_function=replaced)
    guided.set_weights(network.get_weights())
    return guided

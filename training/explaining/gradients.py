"""Gradients of a logit with respect to the inputs of a network, for each Keras backend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray


def logit_gradients(
    network: keras.Model, inputs: Sequence[NDArray[np.float32]], index: int
) -> list[NDArray[np.float32]]:
    """Return d logit[index] / d input for each input of a network, in the shape of the input.

    Args:
        network: Network that takes a list and ends in logits.
        inputs: Arrays of shape (N, ...).
        index: Index of the class.
    """
    backend = keras.backend.backend()
    gradients: Sequence[Any]
    if backend == 'tensorflow':
        import tensorflow as tf

        # As a graph, because TensorFlow also computes the gradients of all kernels in eager mode.
        @tf.function
        def gradients_of(xs: list[tf.Tensor]) -> Any:
            return tf.gradients(ops.sum(network(xs, training=False)[:, index]), xs)

        gradients = gradients_of([tf.constant(each) for each in inputs])
    elif backend == 'torch':
        import torch

        device = _torch_device(network)
        variables = [torch.tensor(each, requires_grad=True, device=device) for each in inputs]
        total = network(variables, training=False)[:, index].sum()
        gradients = torch.autograd.grad(total, variables)
    else:
        import jax

        gradients_at = jax.grad(lambda xs: ops.sum(network(xs, training=False)[:, index]))
        gradients = gradients_at(list(inputs))
    return [ops.convert_to_numpy(gradient) for gradient in gradients]


def _torch_device(network: keras.Model) -> str:
    return str(network.variables[0].value.device) if network.variables else 'cpu'

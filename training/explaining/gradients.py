"""Gradients of a logit with respect to the input of a network, for each Keras backend."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray


def logit_gradient(
    network: keras.Model, inputs: NDArray[np.float32], index: int
) -> NDArray[np.float32]:
    """Return d logit[index] / d inputs for a batch, in the shape of the inputs."""
    backend = keras.backend.backend()
    if backend == 'tensorflow':
        import tensorflow as tf

        # As a graph, because TensorFlow also computes the gradients of all kernels in eager mode.
        @tf.function
        def gradient_of(x: tf.Tensor) -> tf.Tensor:
            return tf.gradients(ops.sum(network(x, training=False)[:, index]), x)[0]

        gradient = gradient_of(tf.constant(inputs))
    elif backend == 'torch':
        import torch

        variable = torch.tensor(inputs, requires_grad=True, device=_torch_device(network))
        total = network(variable, training=False)[:, index].sum()
        (gradient,) = torch.autograd.grad(total, variable)
    else:
        import jax

        gradient = jax.grad(lambda x: ops.sum(network(x, training=False)[:, index]))(inputs)
    result: NDArray[np.float32] = ops.convert_to_numpy(gradient)
    return result


def _torch_device(network: keras.Model) -> str:
    return str(network.variables[0].value.device) if network.variables else 'cpu'

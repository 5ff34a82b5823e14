"""Rounding of a network to float16, so that every exported file computes the same.

TensorFlow Lite multiplies the scale of a normalisation into the previous kernel and rounds the
product. ONNX keeps both separate. The scale is therefore multiplied into the kernel here, before
the rounding. The later factor is then 1.
"""

from __future__ import annotations

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from training.learning.networks import set_trainable

#: Layers that can include the scale of a normalisation, with the name of their kernel.
KERNELS: dict[type[keras.Layer], str] = {
    layers.DepthwiseConv2D: 'kernel',
    layers.SeparableConv2D: 'pointwise_kernel',
    layers.Conv2D: 'kernel',
    layers.Dense: 'kernel',
}


def round_to_float16(network: keras.Model) -> None:
    """Move scales into kernels, then round all weights. They stay float32.

    Only the rounding changes the output of the network. Means and variances are not rounded.
    """
    set_trainable(network, True)  # Weights that were frozen during training are rounded, too.
    for layer in network.layers:
        if isinstance(layer, layers.BatchNormalization):
            _absorb_scale(layer)
    # Exported files contain no means and variances, only the scales and offsets that result from
    # them.
    for variable in network.trainable_variables:
        variable.assign(_values(variable).astype(np.float16))


def _absorb_scale(normalisation: layers.BatchNormalization) -> None:
    """Multiply the scale of a normalisation into the previous layer if that feeds nothing else."""
    before = normalisation.input._keras_history.operation
    name = next((name for kind, name in KERNELS.items() if isinstance(before, kind)), '')
    if (
        not (name and normalisation.center)
        or len(before._outbound_nodes) != 1
        or (before.activation is not keras.activations.linear)
    ):
        return
    variance = _values(normalisation.moving_variance) + normalisation.epsilon
    scale = 1.0 / np.sqrt(variance)
    if normalisation.scale:
        scale *= _values(normalisation.gamma)
        normalisation.gamma.assign(np.ones_like(scale))
    mean = _values(normalisation.moving_mean)
    kernel = getattr(before, name)
    kernel.assign(_values(kernel) * _by_output(scale, before))
    if before.use_bias:
        mean = mean - _values(before.bias)
        before.bias.assign(np.zeros_like(mean))
    normalisation.beta.assign(_values(normalisation.beta) - mean * scale)
    normalisation.moving_mean.assign(np.zeros_like(mean))
    normalisation.moving_variance.assign(np.full_like(mean, 1.0 - normalisation.epsilon))


def _by_output(scale: NDArray[np.float64], layer: keras.Layer) -> NDArray[np.float64]:
    """Return the scale of each output channel, for kernels with the output channels last."""
    if isinstance(layer, layers.DepthwiseConv2D):
        return scale.reshape(-1, layer.depth_multiplier)
    return scale


def _values(variable: keras.Variable) -> NDArray[np.float64]:
    return np.asarray(keras.ops.convert_to_numpy(variable.value), np.float64)

"""Convolutions of published networks, whose batch normalisations are folded, for our layers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray


@dataclass(frozen=True)
class Convolution:
    """A convolution and what follows: y = factor * (x * kernel + bias) + offset.

    Attributes:
        kernel: (H, W, C, filters), or (H, W, C, 1) if it is depthwise.
        bias: (filters,).
        factor: (filters,).
        offset: (filters,).
    """

    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]
    factor: NDArray[np.float32]
    offset: NDArray[np.float32]


def put_convolutions(
    network: keras.Model,
    chosen: Mapping[layers.Layer, Convolution],
    pictures: NDArray[np.float32],
) -> None:
    """Copy convolutions into layers that batch normalisations follow.

    The normalisations get the statistics of the given pictures, and the factors that make the
    network compute the same as the published one.

    Args:
        network: that is changed.
        chosen: the convolution of each layer.
        pictures: (N, H, W, C) network input to measure on.
    """
    normalisations = {layer: _normalisation_after(layer) for layer in chosen}
    for layer, convolution in chosen.items():
        layer.kernel.assign(convolution.kernel)
        zeros = np.zeros_like(convolution.bias)
        _set_normalisation(normalisations[layer], convolution, zeros, zeros + 1)
    probe = keras.Model(network.input, [each.input for each in normalisations.values()])
    for layer, seen in zip(chosen, probe.predict(pictures, verbose=0), strict=True):
        mean, variance = seen.mean(axis=(0, 1, 2)), seen.var(axis=(0, 1, 2))
        _set_normalisation(normalisations[layer], chosen[layer], mean, variance)


def _normalisation_after(layer: layers.Layer) -> layers.BatchNormalization:
    return layer._outbound_nodes[0].operation


def _set_normalisation(
    layer: layers.BatchNormalization,
    convolution: Convolution,
    mean: NDArray[np.float32],
    variance: NDArray[np.float32],
) -> None:
    """Set a normalisation with these statistics to compute the same as the affine layer."""
    factor = convolution.factor
    layer.gamma.assign(factor * np.sqrt(variance + layer.epsilon))
    layer.beta.assign(convolution.offset + factor * (convolution.bias + mean))
    layer.moving_mean.assign(mean)
    layer.moving_variance.assign(variance)

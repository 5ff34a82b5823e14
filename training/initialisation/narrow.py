"""Initialisation from a wider network of the same form, with its most important channels.

A narrow network then needs fewer epochs than from random weights.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from training.errors import TrainingError

Channels = NDArray[np.int64]


def narrow(wide: keras.Model, network: keras.Model, pictures: NDArray[np.float32]) -> None:
    """Copy the most important channels of a network into a narrower one with the same layers.

    The importance of a channel is its variation times the weights that the next layers apply to
    it.

    Args:
        wide: the trained network.
        network: the narrower one. It is changed.
        pictures: (N, H, W, C) network input to measure on.

    Raises:
        TrainingError: the networks have different layers.
    """
    _require_alike(wide, network)
    groups = _groups_of_channels(wide)
    importance = _importance(wide, groups, pictures)
    kept: dict[int, Channels] = {id(wide.inputs[0]): np.arange(wide.input_shape[-1])}
    for old, new in zip(wide.layers, network.layers, strict=True):
        if isinstance(old, layers.InputLayer):
            continue
        taken = kept[id(_inputs(old)[0])]
        given = taken
        if _has_kernel(old):
            group, count = groups[id(old.output)], new.output.shape[-1]
            order = np.argsort(-importance.get(group, np.zeros(old.output.shape[-1])))
            given = np.sort(order[:count])
        kept[id(old.output)] = given
        new.set_weights([_reduce(w, given, taken) for w in old.get_weights()])


def _reduce(weights: NDArray[np.float32], given: Channels, taken: Channels) -> NDArray[np.float32]:
    """Return the weights of a layer for these outputs and inputs."""
    part = weights[..., given]
    return part if part.ndim == 1 else part[..., taken, :]


def _importance(
    wide: keras.Model, groups: dict[int, int], pictures: NDArray[np.float32]
) -> dict[int, NDArray[np.float64]]:
    """Return the importance of each channel of each group for the next layers."""
    takers = [layer for layer in wide.layers if _has_kernel(layer)]
    probe = keras.Model(wide.inputs, [layer.input for layer in takers])
    importance: dict[int, NDArray[np.float64]] = {}
    for layer, seen in zip(takers, probe.predict(pictures, verbose=0), strict=True):
        kernel = keras.ops.convert_to_numpy(layer.kernel)
        weight = np.sqrt((kernel**2).sum(axis=(*range(kernel.ndim - 2), -1)))
        group = groups[id(layer.input)]
        matters = seen.std(axis=tuple(range(seen.ndim - 1))) * weight
        importance[group] = importance.get(group, 0.0) + matters
    return importance


def _groups_of_channels(network: keras.Model) -> dict[int, int]:
    """Number the groups of tensors that must keep the same channels, because they are added."""
    parent: dict[int, int] = {id(network.inputs[0]): id(network.inputs[0])}

    def root(tensor: int) -> int:
        while parent[tensor] != tensor:
            tensor = parent[tensor]
        return tensor

    for layer in network.layers:
        if isinstance(layer, layers.InputLayer):
            continue
        output = id(layer.output)
        parent[output] = output
        if not _has_kernel(layer):
            for tensor in _inputs(layer):
                parent[root(id(tensor))] = root(output)
    return {tensor: root(tensor) for tensor in parent}


def _require_alike(wide: keras.Model, network: keras.Model) -> None:
    known = (
        layers.InputLayer, layers.Conv2D, layers.Dense, layers.BatchNormalization, layers.ReLU,
        layers.Add, layers.Dropout, layers.AveragePooling2D, layers.MaxPooling2D,
        layers.GlobalAveragePooling2D,
    )  # fmt: skip
    kinds = [type(layer) for layer in wide.layers]
    alike = kinds == [type(layer) for layer in network.layers] and all(
        old.output.shape[-1] >= new.output.shape[-1]
        for old, new in zip(wide.layers, network.layers, strict=True)
    )
    if not alike or not all(issubclass(kind, known) for kind in kinds):
        raise TrainingError(
            f'{network.name} cannot start from {wide.name}: it needs the same plain layers, and '
            'none of them can be wider'
        )


def _has_kernel(layer: keras.Layer) -> bool:
    return isinstance(layer, (layers.Conv2D, layers.Dense))


def _inputs(layer: keras.Layer) -> Sequence[keras.KerasTensor]:
    return layer.input if isinstance(layer.input, list) else [layer.input]

"""The size of a model: weights, multiply-adds, files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from fer_ros.core.models import ModelCard
from training.base.backend import choose_backend
from training.errors import TrainingError

if TYPE_CHECKING:
    import keras


def size_figures(card: ModelCard) -> dict[str, Any]:
    """Return parameters, multiply-adds for one face, bytes of each file, and hashes.

    multiply_adds: None, with a message, if no backend can load the network.
    """
    files = sorted(path for path in card.folder.iterdir() if path.name.startswith('model.'))
    return {
        'parameters': card.parameters,
        'multiply_adds': _multiply_adds(card),
        'bytes': {path.name.removesuffix('.gz'): path.stat().st_size for path in files},
        'sha256': {key: file.sha256 for key, file in card.files.items()},
    }


def _multiply_adds(card: ModelCard) -> int | None:
    try:
        choose_backend()
        from training.learning.networks import load_network

        return multiply_adds(load_network(card.folder))
    except TrainingError as error:
        print(f'multiply-adds of {card.name} are not counted: {error}')
        return None


def layer_rows(network: keras.Model) -> list[tuple[str, str, str, int, int]]:
    """Return name, kind, output shape, parameters and multiply-adds of each layer."""
    return [
        (
            layer.name,
            type(layer).__name__,
            'x'.join(str(side) for side in layer.output.shape[1:]),
            layer.count_params(),
            layer_multiply_adds(layer),
        )
        for layer in network.layers
    ]


def multiply_adds(network: keras.Model) -> int:
    """Return the multiply-adds for one picture, of convolutions and dense layers."""
    return sum(layer_multiply_adds(layer) for layer in network.layers)


def layer_multiply_adds(layer: keras.Layer) -> int:
    """Return the multiply-adds of one layer for one picture, without normalisation."""
    kind = type(layer).__name__
    if kind == 'Dense':
        return int(np.prod(layer.kernel.shape))
    if kind not in ('Conv2D', 'SeparableConv2D', 'DepthwiseConv2D'):
        return 0
    places = int(np.prod(layer.output.shape[1:3]))
    kernels = [w for w in layer.weights if 'kernel' in w.path.rsplit('/', 1)[-1]]
    return places * sum(int(np.prod(kernel.shape)) for kernel in kernels)

"""Published weights for initialisation: the known files and their readers.

Nothing is downloaded, and the repository contains none of the files. A file is identified by its
SHA-256, so its licence is known. To add one, write its reader and enter it in PRETRAINED.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from training.data.dataset import Dataset
from training.data.normalisation import PIXEL_MEAN, PIXEL_SCALE, normalise
from training.errors import TrainingError
from training.initialisation.dlib_weights import Convolution, read_convolutions

#: Number of pictures for the statistics of batch normalisations.
MEASURED = 256
#: Means of red, green and blue that dlib subtracts, and the divisor.
DLIB_MEANS = np.array([122.782, 117.001, 104.298])
DLIB_DIVISOR = 256.0


@dataclass(frozen=True)
class Pretrained:
    """A published file of weights.

    Attributes:
        url: the page of its publication.
        licence: its SPDX name.
        architectures: the matching architectures of the zoo.
        put: copies the content of the file into such a network. The pictures, (N, H, W, C) network
            input, are used to measure the output of its layers.
    """

    name: str
    url: str
    licence: str
    architectures: Sequence[str]
    put: Callable[[bytes, keras.Model, NDArray[np.float32]], None]


def initialise(network: keras.Model, path: Path, data: Dataset) -> None:
    """Copy the weights of a known file into a network of the zoo. The head does not change.

    Args:
        network: that is changed.
        path: of the file.
        data: pictures to measure the output of its layers.

    Raises:
        TrainingError: the file cannot be read, is unknown, or does not fit.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TrainingError(f'{path} cannot be read ({error.strerror})') from error
    known = PRETRAINED.get(hashlib.sha256(content).hexdigest())
    if known is None:
        raise TrainingError(
            f'{path} is not a known weight file. The known files are: '
            + ', '.join(f'{each.name} ({each.url})' for each in PRETRAINED.values())
        )
    if network.name not in known.architectures:
        raise TrainingError(
            f'{known.name} does not fit {network.name}: use --model '
            + ' or --model '.join(known.architectures)
        )
    print(f'initial weights: {known.name} ({known.licence}, {known.url})')
    some = np.sort(np.random.default_rng(0).permutation(len(data))[:MEASURED])
    known.put(content, network, normalise(data.pictures.load(some)))


def put_dlib(content: bytes, network: keras.Model, pictures: NDArray[np.float32]) -> None:
    """Copy dlib's convolutions into a dlib_resnet. If it has fewer blocks, copy the first ones.

    dlib folds its batch normalisations into factors and offsets. They are restored with the
    statistics of the given pictures, so that the network computes the same as dlib's. The 1x1
    convolutions of shortcuts pass their input on. A 1x1 convolution of a single pixel gets the
    centre of dlib's kernel.
    """
    first, *others = read_convolutions(content)
    by_width: dict[int, list[Convolution]] = {}
    for convolution in others:
        by_width.setdefault(len(convolution.bias), []).append(convolution)
    stem, *layers_left = [layer for layer in network.layers if isinstance(layer, layers.Conv2D)]
    chosen = {stem: _fit_stem(first, stem.kernel.shape)}
    for layer in layers_left:
        widens = layer.kernel_size == (1, 1) and layer.kernel.shape[-2] != layer.filters
        chosen[layer] = _pass_on(layer) if widens else by_width[layer.filters].pop(0)
    normalisations = {layer: _normalisation_after(layer) for layer in chosen}
    for layer, convolution in chosen.items():
        layer.kernel.assign(_centre(convolution.kernel, layer.kernel_size))
        zeros = np.zeros(layer.filters, np.float32)
        _set_normalisation(normalisations[layer], convolution, zeros, zeros + 1)
    probe = keras.Model(network.input, [each.input for each in normalisations.values()])
    for layer, seen in zip(chosen, probe.predict(pictures, verbose=0), strict=True):
        mean, variance = seen.mean(axis=(0, 1, 2)), seen.var(axis=(0, 1, 2))
        _set_normalisation(normalisations[layer], chosen[layer], mean, variance)


def _fit_stem(stem: Convolution, shape: Sequence[int]) -> Convolution:
    """Return dlib's first convolution for pictures in [-1, 1] with a kernel of this shape."""
    height, width, channels, _ = shape
    kernel = stem.kernel / (PIXEL_SCALE * DLIB_DIVISOR)
    shift = (PIXEL_MEAN - DLIB_MEANS) / DLIB_DIVISOR
    bias = stem.bias + np.einsum('hwcf,c->f', stem.kernel, shift)
    if channels == 1:
        kernel = kernel.sum(axis=2, keepdims=True)
    if kernel.shape[:2] != (height, width):
        area = kernel.shape[0] * kernel.shape[1]
        planes = [
            cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA)
            for plane in kernel.reshape(*kernel.shape[:2], -1).transpose(2, 0, 1)
        ]
        kernel = np.stack(planes, axis=-1).reshape(height, width, channels, -1)
        kernel = kernel * (area / (height * width))
    return Convolution(kernel, bias, stem.factor, stem.offset)


def _centre(kernel: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """Return the middle (h, w, ...) of a (H, W, ...) kernel."""
    top, left = ((have - want) // 2 for have, want in zip(kernel.shape, size, strict=False))
    return kernel[top : top + size[0], left : left + size[1]]


def _pass_on(layer: layers.Conv2D) -> Convolution:
    """Return a 1x1 convolution that passes its channels on. The additional channels are zero."""
    _, _, channels, filters = layer.kernel.shape
    zeros = np.zeros(filters, np.float32)
    identity = np.eye(channels, filters, dtype=np.float32)
    return Convolution(identity[None, None], zeros, zeros + 1, zeros)


def _normalisation_after(layer: layers.Conv2D) -> layers.BatchNormalization:
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


#: SHA-256 of a file to its description.
PRETRAINED = {
    '55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30': Pretrained(
        "dlib's face recognition network",
        'https://pypi.org/project/face-recognition-models',
        'CC0-1.0',
        ('dlib_resnet', 'dlib_resnet_lean', 'dlib_resnet_small'),
        put_dlib,
    ),
}

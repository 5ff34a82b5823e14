"""The convolutions of a serialised dlib network: read them, and copy them into a dlib_resnet."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace

import cv2
import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from training.data.normalisation import PIXEL_MEAN, PIXEL_SCALE
from training.errors import TrainingError
from training.initialisation.convolutions import Convolution, put_convolutions

#: dlib writes the name of each layer with its length before it. The tensor follows.
LAYER = re.compile(rb'\x01\x05(con_)[0-9]|\x01\x07(affine_)')
TENSOR_VERSION = 2
#: Bits in the byte before an integer.
NEGATIVE, LENGTH = 0x80, 0x0F
#: Means of red, green and blue that dlib subtracts, and the divisor.
MEANS = np.array([122.782, 117.001, 104.298])
DIVISOR = 256.0


def read_convolutions(content: bytes) -> list[Convolution]:
    """Return the convolutions of a .dat file in order, each with its folded affine layer.

    Raises:
        TrainingError: the content is not a dlib network.
    """
    found: list[Convolution] = []
    pending: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None
    try:
        for match in LAYER.finditer(content):
            values, position = _tensor(content, match.end())
            if match.group(1):
                filters, position = _integer(content, position)
                height, position = _integer(content, position)
                width, _ = _integer(content, position)
                kernel = values[:-filters].reshape(filters, -1, height, width)
                pending = kernel.transpose(2, 3, 1, 0), values[-filters:]
            elif pending is not None:
                found.append(Convolution(*pending, *np.split(values, 2)))
                pending = None
    except (IndexError, ValueError) as error:
        raise TrainingError(f'the file is not a readable dlib network: {error}') from error
    if not found:
        raise TrainingError('the file is not a dlib network: it has no convolutions')
    return found


def put_dlib(content: bytes, network: keras.Model, pictures: NDArray[np.float32]) -> None:
    """Copy dlib's convolutions into a dlib_resnet. If it has fewer blocks, copy the first ones.

    The 1x1 convolutions of shortcuts pass their input on. A 1x1 convolution of a single pixel gets
    the centre of dlib's kernel. The pictures, (N, H, W, C) network input, are used to measure the
    output of the layers.
    """
    first, *others = read_convolutions(content)
    by_width: dict[int, list[Convolution]] = {}
    for convolution in others:
        by_width.setdefault(len(convolution.bias), []).append(convolution)
    stem, *layers_left = [layer for layer in network.layers if isinstance(layer, layers.Conv2D)]
    chosen = {stem: _fit_stem(first, stem.kernel.shape)}
    for layer in layers_left:
        widens = layer.kernel_size == (1, 1) and layer.kernel.shape[-2] != layer.filters
        chosen[layer] = (
            _pass_on(layer)
            if widens
            else _centre(by_width[layer.filters].pop(0), layer.kernel_size)
        )
    put_convolutions(network, chosen, pictures)


def _tensor(content: bytes, position: int) -> tuple[NDArray[np.float32], int]:
    """Return the flat values of a tensor and its end: version, four sizes, float32 values."""
    version, position = _integer(content, position)
    if version != TENSOR_VERSION:
        raise ValueError(f'a tensor of version {version}')
    sizes = []
    for _ in range(4):
        size, position = _integer(content, position)
        sizes.append(size)
    count = math.prod(sizes)
    return np.frombuffer(content, '<f4', count, position), position + 4 * count


def _integer(content: bytes, position: int) -> tuple[int, int]:
    """Return an integer and its end: a byte of sign and length, then little-endian bytes."""
    head = content[position]
    end = position + 1 + (head & LENGTH)
    value = int.from_bytes(content[position + 1 : end], 'little')
    return (-value if head & NEGATIVE else value), end


def _fit_stem(stem: Convolution, shape: Sequence[int]) -> Convolution:
    """Return dlib's first convolution for pictures in [-1, 1] with a kernel of this shape."""
    height, width, channels, _ = shape
    kernel = stem.kernel / (PIXEL_SCALE * DIVISOR)
    shift = (PIXEL_MEAN - MEANS) / DIVISOR
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


def _centre(convolution: Convolution, size: tuple[int, int]) -> Convolution:
    """Return it with the middle (h, w) of its kernel."""
    kernel = convolution.kernel
    top, left = ((have - want) // 2 for have, want in zip(kernel.shape, size, strict=False))
    return replace(convolution, kernel=kernel[top : top + size[0], left : left + size[1]])


def _pass_on(layer: layers.Conv2D) -> Convolution:
    """Return a 1x1 convolution that passes its channels on. The additional channels are zero."""
    _, _, channels, filters = layer.kernel.shape
    zeros = np.zeros(filters, np.float32)
    identity = np.eye(channels, filters, dtype=np.float32)
    return Convolution(identity[None, None], zeros, zeros + 1, zeros)

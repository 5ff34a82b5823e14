"""The architectures, one file each. Each file has a `build(input_shape, classes)`."""

from __future__ import annotations

import importlib
import re
from typing import TYPE_CHECKING

from training.errors import TrainingError

if TYPE_CHECKING:
    import keras

#: Name to the (picture size, channels) that the architecture was made for.
ARCHITECTURES = {
    'mini_xception': (48, 'gray'),
    'tiny_xception': (48, 'gray'),
    'big_xception': (48, 'gray'),
    'simple_cnn': (48, 'gray'),
    'simpler_cnn': (48, 'gray'),
    'four_conv_cnn': (48, 'gray'),
    'student_cnn': (256, 'rgb'),
    'face_resnet': (48, 'gray'),
    'face_resnet_small': (48, 'gray'),
    'face_resnet_tiny': (48, 'gray'),
    'face_resnet_lean': (48, 'gray'),
    'dlib_resnet': (80, 'gray'),
    'dlib_resnet_small': (48, 'gray'),
    'dlib_resnet_lean': (64, 'gray'),
    'mobilenet': (96, 'gray'),
}

#: A face_resnet by its numbers: channels of the stem, then of each stage. `x3` after a stage gives
#: it three blocks instead of two, and `k` keeps the size of the picture, which a stage halves.
#: `separable` makes the convolutions of the blocks depthwise separable, `se` adds squeeze and
#: excitation to each block.
SHAPE = re.compile(r'face_resnet-[1-9]\d*(-[1-9]\d*(x[1-9]\d*)?k?)+(-separable)?(-se)?')


def made_for(name: str) -> tuple[int, str] | None:
    """Return the (picture size, channels) of an architecture, or None for an unknown name."""
    return ARCHITECTURES['face_resnet'] if SHAPE.fullmatch(name) else ARCHITECTURES.get(name)


def known(name: str) -> str:
    """Return the name of an architecture. Raises TrainingError if it is unknown."""
    if made_for(name) is None:
        raise TrainingError(
            f'no architecture {name!r}: choose one of {", ".join(ARCHITECTURES)}, or the numbers '
            'of a face_resnet, such as face_resnet-16-32-64x3-128'
        )
    return name


def build(name: str, size: int, channels: str, classes: int) -> keras.Model:
    """Create an architecture by name, with random weights. It ends in logits.

    The model takes (N, size, size, 1 or 3) float32 and returns (N, classes) float32. Raises
    TrainingError for an unknown name, and if the pictures are too small or too large.
    """
    shape = (size, size, 1 if channels == 'gray' else 3)
    try:
        if SHAPE.fullmatch(known(name)):
            from training.zoo.face_resnet import build_shape

            return build_shape(name, shape, classes)
        module = importlib.import_module(f'training.zoo.{name}')
        model: keras.Model = module.build(shape, classes)
    except ValueError as error:
        raise TrainingError(
            f'{name} cannot be built for pictures of {shape}: use another --size ({error})'
        ) from error
    return model

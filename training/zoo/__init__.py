"""The architectures, one file each. Each file has a `build(input_shape, classes)`."""

from __future__ import annotations

import importlib
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
}


def build(name: str, size: int, channels: str, classes: int) -> keras.Model:
    """Create an architecture by name, with random weights. It ends in logits.

    The model takes (N, size, size, 1 or 3) float32 and returns (N, classes) float32. Raises
    TrainingError for an unknown name, and if the pictures are too small or too large.
    """
    if name not in ARCHITECTURES:
        raise TrainingError(f'no architecture {name!r}: choose one of {", ".join(ARCHITECTURES)}')
    module = importlib.import_module(f'training.zoo.{name}')
    shape = (size, size, 1 if channels == 'gray' else 3)
    try:
        model: keras.Model = module.build(shape, classes)
    except ValueError as error:
        raise TrainingError(f'{name} cannot be built for pictures of {shape}: {error}') from error
    return model

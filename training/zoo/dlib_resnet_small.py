"""dlib_resnet for pictures of 48 pixels, with fewer blocks and without the widest level.

The stem sees each pixel and pools by 3, so that the levels have 16, 8 and 4 pixels a side.
"""

from __future__ import annotations

import keras
from keras import layers

from training.zoo.blocks import convolution
from training.zoo.dlib_resnet import WIDTHS, build_levels

BLOCKS = (2, 3, 3)
DROPOUT = 0.2


def build(input_shape: tuple[int, int, int], classes: int) -> keras.Model:
    """Return the model for pictures of (H, W, C) with `classes` logits."""
    picture = keras.Input(input_shape, name='picture')
    x = convolution(picture, WIDTHS[0], 5)
    x = layers.MaxPooling2D(3)(x)
    return build_levels('dlib_resnet_small', picture, x, BLOCKS, classes, DROPOUT)

"""dlib_resnet for pictures of 64 pixels, with one block on the widest level.

The levels have 14, 7, 3 and 1 pixels a side. Two more blocks of the widest level would double the
file for 7 % of the arithmetic.
"""

from __future__ import annotations

import keras
from keras import layers

from training.zoo.blocks import convolution
from training.zoo.dlib_resnet import WIDTHS, build_levels

BLOCKS = (3, 4, 3, 1)
DROPOUT = 0.1


def build(input_shape: tuple[int, int, int], classes: int) -> keras.Model:
    """Return the model for pictures of (H, W, C) with `classes` logits."""
    picture = keras.Input(input_shape, name='picture')
    x = convolution(picture, WIDTHS[0], 7, strides=2, padding='valid')
    x = layers.MaxPooling2D(3, strides=2)(x)
    return build_levels('dlib_resnet_lean', picture, x, BLOCKS, classes, DROPOUT)

"""MobileNet (Howard et al. 2017) in full width, so that published weights for faces fit.

The means of the last two levels feed the head. For faces of 64 to 128 pixels.
"""

from __future__ import annotations

import keras
from keras import layers

from training.zoo.blocks import convolution, logits_by_dense

STEM = 32
#: Channels of the blocks of each level. The first block of a level halves the size, except the
#: very first one.
LEVELS = ((64,), (128, 128), (256, 256), (512,) * 6, (1024, 1024))
DROPOUT = 0.3


def build(input_shape: tuple[int, int, int], classes: int) -> keras.Model:
    """Return the model for pictures of (H, W, C) with `classes` logits."""
    picture = keras.Input(input_shape, name='picture')
    x = convolution(picture, STEM, strides=2)
    means = []
    for level, widths in enumerate(LEVELS):
        for block, width in enumerate(widths):
            x = layers.DepthwiseConv2D(
                3, 2 if level and not block else 1, padding='same', use_bias=False
            )(x)
            x = layers.ReLU()(layers.BatchNormalization()(x))
            x = convolution(x, width, 1)
        means.append(layers.GlobalAveragePooling2D()(x))
    x = layers.Dropout(DROPOUT)(layers.Concatenate()(means[-2:]))
    return keras.Model(picture, logits_by_dense(x, classes), name='mobilenet')

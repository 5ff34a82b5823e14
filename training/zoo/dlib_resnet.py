"""The shape of dlib's face recognition network (King 2017), so that its weights fit.

A 7x7 stem at half size and pooling, then residual levels of 32, 64, 128 and 256 channels. The last
level of the original is omitted, the means of the last two levels feed the head, and the channels
that a shortcut adds come from a 1x1 convolution instead of zeros. For faces of 64 to 150 pixels.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import KerasTensor, layers

from training.zoo.blocks import convolution, logits_by_dense
from training.zoo.face_resnet import residual_block

WIDTHS = (32, 64, 128, 256)
BLOCKS = (3, 4, 3, 3)
DROPOUT = 0.3


def build(input_shape: tuple[int, int, int], classes: int) -> keras.Model:
    """Return the model for pictures of (H, W, C) with `classes` logits."""
    picture = keras.Input(input_shape, name='picture')
    x = convolution(picture, WIDTHS[0], 7, strides=2, padding='valid')
    x = layers.MaxPooling2D(3, strides=2)(x)
    return build_levels('dlib_resnet', picture, x, BLOCKS, classes, DROPOUT)


def build_levels(
    name: str,
    picture: KerasTensor,
    x: KerasTensor,
    blocks: Sequence[int],
    classes: int,
    dropout: float,
) -> keras.Model:
    """Return the model with so many residual blocks on each level after the stem `x`."""
    means = []
    for level, (width, count) in enumerate(zip(WIDTHS, blocks, strict=False)):
        for block in range(count):
            x = residual_block(x, width, strides=2 if level and not block else 1)
        means.append(layers.GlobalAveragePooling2D()(x))
    x = layers.Dropout(dropout)(layers.Concatenate()(means[-2:]))
    return keras.Model(picture, logits_by_dense(x, classes), name=name)

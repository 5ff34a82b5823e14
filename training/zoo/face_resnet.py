"""face_resnet: a residual, VGG-like network of plain 3x3 convolutions for small faces.

A stem at full size with few channels, then stages that halve the size and double the width. No
squeeze and excitation: OpenCV 4.5.5 and 4.6 cannot run it in batches.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import KerasTensor, layers

from training.zoo.blocks import convolution, logits_by_dense

STEM = 28
STAGES = (48, 96, 192)
BLOCKS = 2
DROPOUT = 0.3


def build(input_shape: tuple[int, int, int], classes: int) -> keras.Model:
    """Return the model for pictures of (H, W, C) with `classes` logits."""
    return build_face_resnet('face_resnet', input_shape, classes, STEM, STAGES, DROPOUT)


def build_face_resnet(
    name: str,
    input_shape: tuple[int, int, int],
    classes: int,
    stem: int,
    stages: Sequence[int],
    dropout: float,
) -> keras.Model:
    """Return a network of this family.

    Each stage has BLOCKS residual blocks, the first one strided.
    """
    picture = keras.Input(input_shape, name='picture')
    x = convolution(picture, stem)
    for filters in stages:
        for block in range(BLOCKS):
            x = residual_block(x, filters, strides=2 if block == 0 else 1)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(dropout)(x)
    return keras.Model(picture, logits_by_dense(x, classes), name=name)


def residual_block(x: KerasTensor, filters: int, strides: int) -> KerasTensor:
    """Two 3x3 convolutions with a shortcut (He et al. 2016), which is pooled and 1x1 if strided.

    A strided convolution of an odd size matches the pooled shortcut without padding. On a single
    pixel, the second kernel has one weight, because padding meets the others.
    """
    shortcut = x
    padding = 'valid' if strides > 1 and x.shape[1] % 2 else 'same'
    if strides > 1:
        shortcut = layers.AveragePooling2D(strides)(shortcut)
    if strides > 1 or shortcut.shape[-1] != filters:
        shortcut = layers.Conv2D(filters, 1, use_bias=False)(shortcut)
        shortcut = layers.BatchNormalization()(shortcut)
    x = convolution(x, filters, strides=strides, padding=padding)
    kernel = 1 if x.shape[1] == 1 else 3
    x = layers.Conv2D(filters, kernel, padding='same', use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    return layers.ReLU()(layers.Add()([x, shortcut]))

"""face_resnet: a residual, VGG-like network of plain 3x3 convolutions for small faces.

A stem at full size with few channels, then stages that halve the size and double the width.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import keras
from keras import KerasTensor, layers

from training.zoo.blocks import convolution, logits_by_dense, squeeze_excitation

STEM = 28
STAGES = (48, 96, 192)
BLOCKS = 2
DROPOUT = 0.3
#: Of a network that its name describes.
DROPOUT_OF_SHAPES = 0.1


class Stage(NamedTuple):
    """Residual blocks of the same number of channels. The first one has the strides."""

    filters: int
    blocks: int = BLOCKS
    strides: int = 2


def build(input_shape: tuple[int, int, int], classes: int) -> keras.Model:
    """Return the model for pictures of (H, W, C) with `classes` logits."""
    return build_face_resnet('face_resnet', input_shape, classes, STEM, STAGES, DROPOUT)


def build_shape(name: str, input_shape: tuple[int, int, int], classes: int) -> keras.Model:
    """Return the model that a name describes, see training.zoo.SHAPE."""
    stem, *stages = re.findall(r'-(\d+)(?:x(\d+))?(k?)', name)
    return build_face_resnet(
        name, input_shape, classes, int(stem[0]),
        [Stage(int(n), int(x or BLOCKS), 1 if keep else 2) for n, x, keep in stages],
        DROPOUT_OF_SHAPES, separable='-separable' in name, gated=name.endswith('-se'),
    )  # fmt: skip


def build_face_resnet(
    name: str,
    input_shape: tuple[int, int, int],
    classes: int,
    stem: int,
    stages: Sequence[int | Stage],
    dropout: float,
    separable: bool = False,
    gated: bool = False,
) -> keras.Model:
    """Return a network of this family.

    A stage that is a number of channels has BLOCKS residual blocks, the first one strided. With
    `separable`, their convolutions are depthwise separable. With `gated`, they end in squeeze and
    excitation.
    """
    picture = keras.Input(input_shape, name='picture')
    x = convolution(picture, stem)
    for given in stages:
        stage = given if isinstance(given, Stage) else Stage(given)
        for block in range(stage.blocks):
            strides = stage.strides if block == 0 else 1
            x = residual_block(x, stage.filters, strides, separable, gated)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(dropout)(x)
    return keras.Model(picture, logits_by_dense(x, classes), name=name)


def residual_block(
    x: KerasTensor, filters: int, strides: int, separable: bool = False, gated: bool = False
) -> KerasTensor:
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
    kind = layers.SeparableConv2D if separable else layers.Conv2D
    x = convolution(x, filters, kind=kind, strides=strides, padding=padding)
    kernel = 1 if x.shape[1] == 1 else 3
    x = kind(filters, kernel, padding='same', use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = squeeze_excitation(x) if gated else x
    return layers.ReLU()(layers.Add()([x, shortcut]))

"""big_XCEPTION from the code of arXiv:1710.07557: the head of Xception and two modules."""

from __future__ import annotations

import keras
from keras import layers

from training.zoo.blocks import convolution, logits_by_convolution, separable_residual


def build(input_shape: tuple[int, int, int], classes: int) -> keras.Model:
    """Return the model for pictures of (H, W, C) with `classes` logits."""
    picture = keras.Input(input_shape, name='picture')
    x = convolution(picture, 32, padding='valid', strides=2)
    x = convolution(x, 64, padding='valid')
    x = separable_residual(x, 128)
    x = separable_residual(x, 256, enter=layers.ReLU())
    return keras.Model(picture, logits_by_convolution(x, classes), name='big_xception')

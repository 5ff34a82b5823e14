"""simple_CNN from the code of arXiv:1710.07557: pairs of convolutions and pooling."""

from __future__ import annotations

import keras
from keras import layers

from training.zoo.blocks import logits_by_convolution

#: (filters, kernel) of each pair of convolutions.
PAIRS = ((16, 7), (32, 5), (64, 3), (128, 3))
DROPOUT = 0.5


def build(input_shape: tuple[int, int, int], classes: int) -> keras.Model:
    """Return the model for pictures of (H, W, C) with `classes` logits."""
    picture = keras.Input(input_shape, name='picture')
    x = picture
    for filters, kernel in PAIRS:
        for _ in range(2):
            x = layers.Conv2D(filters, kernel, padding='same')(x)
            x = layers.BatchNormalization()(x)
        x = layers.ReLU()(x)
        x = layers.AveragePooling2D(2, padding='same')(x)
        x = layers.Dropout(DROPOUT)(x)
    x = layers.Conv2D(256, 3, padding='same')(x)
    x = layers.BatchNormalization()(x)
    return keras.Model(picture, logits_by_convolution(x, classes), name='simple_cnn')

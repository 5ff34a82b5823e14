"""The four-convolution CNN for 48x48 that most FER2013 tutorials use: 2 345 607 parameters."""

from __future__ import annotations

import keras
from keras import layers

from training.zoo.blocks import logits_by_dense


def build(input_shape: tuple[int, int, int], classes: int) -> keras.Model:
    """Return the model for pictures of (H, W, C) with `classes` logits."""
    picture = keras.Input(input_shape, name='picture')
    x = layers.Conv2D(32, 3, activation='relu')(picture)
    x = layers.Conv2D(64, 3, activation='relu')(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Dropout(0.25)(x)
    for _ in range(2):
        x = layers.Conv2D(128, 3, activation='relu')(x)
        x = layers.MaxPooling2D(2)(x)
    x = layers.Dropout(0.25)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(1024, activation='relu')(x)
    x = layers.Dropout(0.5)(x)
    return keras.Model(picture, logits_by_dense(x, classes), name='four_conv_cnn')

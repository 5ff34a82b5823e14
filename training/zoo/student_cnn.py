"""The 256x256 colour CNN of the older student system.

Its filters (30, 60, 60, 30, 60) and dense layers (120, 28, classes) are known. Kernels of 3 and
pooling by 2 after each convolution are assumptions.
"""

from __future__ import annotations

import keras
from keras import layers

from training.zoo.blocks import logits_by_dense

FILTERS = (30, 60, 60, 30, 60)
DENSE = (120, 28)


def build(input_shape: tuple[int, int, int], classes: int) -> keras.Model:
    """Return the model for pictures of (H, W, C) with `classes` logits."""
    picture = keras.Input(input_shape, name='picture')
    x = picture
    for filters in FILTERS:
        x = layers.Conv2D(filters, 3, activation='relu')(x)
        x = layers.MaxPooling2D(2)(x)
    x = layers.Flatten()(x)
    for units in DENSE:
        x = layers.Dense(units, activation='relu')(x)
    return keras.Model(picture, logits_by_dense(x, classes), name='student_cnn')

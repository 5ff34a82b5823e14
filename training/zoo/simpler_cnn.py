"""simpler_CNN from the code of arXiv:1710.07557: strided convolutions, no pooling.

It is made for 48 or 64 pixels. The last layer has one position, whose values are the logits.
"""

from __future__ import annotations

import keras
from keras import layers

from training.zoo.blocks import HEAD

#: (filters, kernel) of the first and the strided convolution of each pair.
PAIRS = (((16, 5), (16, 5)), ((32, 5), (32, 5)), ((64, 3), (64, 3)), ((64, 1), (128, 3)))
DROPOUT = 0.25


def build(input_shape: tuple[int, int, int], classes: int) -> keras.Model:
    """Return the model for pictures of (H, W, C) with `classes` logits.

    Raises ValueError if the last layer does not have one position.
    """
    picture = keras.Input(input_shape, name='picture')
    x = picture
    for (filters, kernel), (strided_filters, strided_kernel) in PAIRS:
        x = layers.Conv2D(filters, kernel, padding='same')(x)
        x = layers.BatchNormalization()(x)
        x = layers.Conv2D(strided_filters, strided_kernel, strides=2, padding='same')(x)
        x = layers.BatchNormalization()(x)
        x = layers.ReLU()(x)
        x = layers.Dropout(DROPOUT)(x)
    x = layers.Conv2D(256, 1, padding='same')(x)
    x = layers.BatchNormalization()(x)
    x = layers.Conv2D(128, 3, strides=2, padding='same')(x)
    x = layers.Conv2D(256, 1, padding='same')(x)
    x = layers.BatchNormalization()(x)
    x = layers.Conv2D(classes, 3, strides=2, padding='same', name=f'{HEAD}_convolution')(x)
    logits = layers.Flatten(name=f'{HEAD}_logits', dtype='float32')(x)
    if logits.shape[-1] != classes:
        raise ValueError(f'simpler_cnn needs pictures of 33 to 64 pixels, not {input_shape[0]}')
    return keras.Model(picture, logits, name='simpler_cnn')

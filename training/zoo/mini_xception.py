"""mini-Xception: Arriaga, Valdenegro-Toro, Ploeger, arXiv:1710.07557, section III.

Two plain convolutions, four residual modules of depthwise separable convolutions, and a
convolution to the classes averaged over the picture: 58 423 parameters for gray and 7 classes.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras

from training.zoo.blocks import convolution, logits_by_convolution, separable_residual

STEM_FILTERS = (8, 8)
MODULE_FILTERS = (16, 32, 64, 128)


def build(input_shape: tuple[int, int, int], classes: int) -> keras.Model:
    """Return the model for pictures of (H, W, C) with `classes` logits."""
    return build_xception('mini_xception', input_shape, classes, STEM_FILTERS, MODULE_FILTERS)


def build_xception(
    name: str,
    input_shape: tuple[int, int, int],
    classes: int,
    stem: Sequence[int],
    modules: Sequence[int],
) -> keras.Model:
    """Return a model of this family with the given filters."""
    picture = keras.Input(input_shape, name='picture')
    x = picture
    for filters in stem:
        x = convolution(x, filters, padding='valid')
    for filters in modules:
        x = separable_residual(x, filters)
    return keras.Model(picture, logits_by_convolution(x, classes), name=name)

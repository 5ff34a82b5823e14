"""tiny_XCEPTION: the smaller variant of mini-Xception in the code of arXiv:1710.07557."""

from __future__ import annotations

import keras

from training.zoo.mini_xception import build_xception

STEM_FILTERS = (5, 5)
MODULE_FILTERS = (8, 16, 32, 64)


def build(input_shape: tuple[int, int, int], classes: int) -> keras.Model:
    """Return the model for pictures of (H, W, C) with `classes` logits."""
    return build_xception('tiny_xception', input_shape, classes, STEM_FILTERS, MODULE_FILTERS)

"""face_resnet with about half of the multiply-adds."""

from __future__ import annotations

import keras

from training.zoo.face_resnet import build_face_resnet

STEM = 16
STAGES = (32, 64, 160)
DROPOUT = 0.2


def build(input_shape: tuple[int, int, int], classes: int) -> keras.Model:
    """Return the model for pictures of (H, W, C) with `classes` logits."""
    return build_face_resnet('face_resnet_small', input_shape, classes, STEM, STAGES, DROPOUT)

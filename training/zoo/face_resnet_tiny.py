"""face_resnet with a third of the width."""

from __future__ import annotations

import keras

from training.zoo.face_resnet import build_face_resnet

STEM = 12
STAGES = (16, 28, 40)
DROPOUT = 0.1


def build(input_shape: tuple[int, int, int], classes: int) -> keras.Model:
    """Return the model for pictures of (H, W, C) with `classes` logits."""
    return build_face_resnet('face_resnet_tiny', input_shape, classes, STEM, STAGES, DROPOUT)

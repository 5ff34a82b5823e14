"""face_resnet with few channels at full size and a third of the width at the end."""

from __future__ import annotations

import keras

from training.zoo.face_resnet import build_face_resnet

STEM = 12
STAGES = (12, 32, 60)
DROPOUT = 0.1


def build(input_shape: tuple[int, int, int], classes: int) -> keras.Model:
    """Return the model for pictures of (H, W, C) with `classes` logits."""
    return build_face_resnet('face_resnet_tiny', input_shape, classes, STEM, STAGES, DROPOUT)

"""Augmentation changes the intended parts, reproducibly by seed. No backend needed."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from training.data.augment import AugmentConfig, augment_batch, mix_batch

NONE = AugmentConfig(rotation=0, shift=0, zoom=0, flip=0)
STRONG = {
    'rotation': 30, 'shift': 0.2, 'zoom': 0.3, 'flip': 1.0, 'crop': 0.3, 'brightness': 0.3,
    'contrast': 0.5, 'saturation': 0.8, 'lighting': 0.3, 'gamma': 1.0, 'degrade': 1.0,
    'erase': 1.0, 'cover': 1.0, 'noise': 90.0,
}  # fmt: skip


def _images(channels: int = 3) -> np.ndarray:
    ramp = np.add.outer(np.arange(32) * 4, np.arange(32) * 3).astype(np.uint8)
    gray = np.stack([ramp, ramp // 2])
    return gray if channels == 1 else np.stack([gray, gray // 2, 255 - gray], axis=-1)


@pytest.mark.parametrize('name', STRONG)
@pytest.mark.parametrize('channels', [1, 3])
def test_each_augmentation_changes_pictures_and_keeps_their_shape(
    name: str, channels: int
) -> None:
    images = _images(channels)
    config = AugmentConfig(**{**{f.name: 0 for f in fields(AugmentConfig)}, name: STRONG[name]})
    changed = augment_batch(images, config, np.random.default_rng(0))
    assert changed.shape == images.shape
    assert changed.dtype == np.uint8
    gray_keeps_saturation = name == 'saturation' and channels == 1
    assert np.array_equal(changed, images) == gray_keeps_saturation


def test_without_augmentations_nothing_changes() -> None:
    images = _images()
    assert np.array_equal(augment_batch(images, NONE, np.random.default_rng(0)), images)


def test_a_flip_with_probability_one_is_the_mirror_image() -> None:
    config = AugmentConfig(rotation=0, shift=0, zoom=0, flip=1)
    flipped = augment_batch(_images(1), config, np.random.default_rng(0))
    assert np.array_equal(flipped, _images(1)[:, :, ::-1])


def test_the_same_seed_gives_the_same_pictures() -> None:
    config = AugmentConfig(**STRONG)
    first, again = (augment_batch(_images(), config, np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(first, again)


def test_mixup_blends_pictures_and_targets_with_the_same_weight() -> None:
    inputs = np.array([0.0, 1.0], np.float32).reshape(2, 1, 1, 1)
    targets = np.eye(2, dtype=np.float32)
    mixed, blended = mix_batch(inputs, targets, 0.4, np.random.default_rng(3))
    assert np.allclose(blended.sum(axis=1), 1)
    assert np.allclose(mixed.ravel(), blended[:, 1])


def test_after_labelling_only_the_camera_and_the_mirror_change_a_copy() -> None:
    config = AugmentConfig(**STRONG, mixup=0.2).after_labelling()
    assert config == AugmentConfig(
        rotation=0, shift=0, zoom=0, flip=1.0, degrade=1.0, noise=90.0, mixup=0.2
    )


def test_models_label_copies_without_the_noise_of_each_step() -> None:
    config = AugmentConfig(**STRONG).before_labelling()
    assert config == AugmentConfig(**{**STRONG, 'noise': 0.0})

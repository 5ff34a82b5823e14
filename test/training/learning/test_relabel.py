"""The relabel step moves targets towards the predictions of trained models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from support.tiny_model import LABELS, write_tiny_model

from training.data.augment import AugmentConfig, augment_batch
from training.data.dataset import Dataset, make_dataset
from training.errors import DataError
from training.learning.relabel import ChangedCopies, predictions_of, relabel


def _data(classes: tuple[str, ...] = LABELS, mirror: bool = False) -> Dataset:
    images = np.random.default_rng(3).integers(0, 256, (5, 12, 12)).astype(np.uint8)
    return make_dataset(images[:, :, ::-1] if mirror else images, [0, 1, 2, 3, 4], classes)


@pytest.fixture(autouse=True)
def _empty_caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr('training.learning.relabel.CACHE', tmp_path / 'opinions')
    monkeypatch.setattr('training.learning.relabel.COPIES', tmp_path / 'copies')


@pytest.fixture(scope='module')
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp('models') / 'tiny'
    write_tiny_model(folder)
    return folder


def test_targets_keep_their_share_and_take_the_rest_from_the_models(model: Path) -> None:
    targets = np.eye(7, dtype=np.float32)[:5]
    mixed = relabel(targets, _data(), [model, model], share=0.25)
    assert mixed.dtype == np.float32
    assert np.allclose(mixed, 0.75 * targets + 0.25 * predictions_of(model, _data()), atol=1e-6)
    assert np.allclose(mixed.sum(axis=1), 1)


def test_a_picture_and_its_mirror_have_one_prediction(model: Path) -> None:
    assert np.allclose(predictions_of(model, _data()), predictions_of(model, _data(mirror=True)))


def test_predictions_follow_the_class_order_of_the_data(model: Path) -> None:
    other = _data(LABELS[::-1])
    assert np.allclose(predictions_of(model, other), predictions_of(model, _data())[:, ::-1])


def test_a_model_that_lacks_a_class_is_refused_by_name(model: Path) -> None:
    with pytest.raises(DataError, match=r'contempt.*the same classes'):
        predictions_of(model, _data((*LABELS[:-1], 'contempt')))


def _copies(
    model: Path, share: float = 0.5, rotation: float = 20, seed: int = 3, mirror: bool = False
) -> ChangedCopies:
    config = AugmentConfig(rotation=rotation, brightness=0.2)
    targets = np.eye(7, dtype=np.float32)[:5]
    return ChangedCopies(_data(mirror=mirror), targets, config, [model], share, 2, seed)


def test_augmented_copies_are_reproducible_and_differ_from_each_other(model: Path) -> None:
    first, second = _copies(model), _copies(model)
    assert np.array_equal(first.pictures(1), second.pictures(1))
    assert not np.array_equal(first.pictures(0), first.pictures(1))


def test_each_augmented_copy_has_its_own_prediction(model: Path) -> None:
    copies = _copies(model, share=1.0)
    shown = make_dataset(copies.pictures(1), [0, 1, 2, 3, 4], LABELS)
    assert np.allclose(copies.targets(1), predictions_of(model, shown, mirror=False), atol=1e-6)
    assert not np.allclose(copies.targets(0), copies.targets(1))


def test_a_second_start_uses_the_cached_predictions(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = _copies(model)
    made = []

    def count(images: NDArray[np.uint8], *settings: Any) -> NDArray[np.uint8]:
        made.append(len(images))
        return augment_batch(images, *settings)

    monkeypatch.setattr('training.learning.relabel.augment_batch', count)
    second = _copies(model)
    assert made == []
    assert np.array_equal(first.targets(1), second.targets(1))
    assert second.pictures(1).shape == (5, 12, 12)
    assert made == [5]


@pytest.mark.parametrize('other', [{'rotation': 30.0}, {'seed': 4}, {'mirror': True}])
def test_another_augmentation_seed_or_data_set_has_other_predictions(
    model: Path, other: Any
) -> None:
    assert not np.allclose(_copies(model).targets(0), _copies(model, **other).targets(0))


def test_epochs_use_one_copy_after_another(model: Path, keras_backend: str) -> None:
    # Imports Keras, which every worker would load while it collects tests.
    from training.learning.batches import Batches

    batches = Batches(
        _data(),
        np.zeros((5, 7), np.float32),
        5,
        AugmentConfig(flip=0.0).after_labelling(),
        copies=_copies(model),
    )
    seen = []
    for epoch in range(3):
        batches.begin_epoch(epoch)
        _, targets = batches[0]
        seen.append(np.sort(targets, axis=0))
    assert not np.allclose(seen[0], seen[1])
    assert np.allclose(seen[0], seen[2])

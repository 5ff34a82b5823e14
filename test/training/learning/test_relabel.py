"""The relabel step: targets move towards what trained models say of each picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.tiny_model import LABELS, write_tiny_model

from training.data.dataset import Dataset, make_dataset
from training.errors import DataError
from training.learning.relabel import opinion_of, relabel


def _data(classes: tuple[str, ...] = LABELS, mirror: bool = False) -> Dataset:
    images = np.random.default_rng(3).integers(0, 256, (5, 12, 12)).astype(np.uint8)
    return make_dataset(images[:, :, ::-1] if mirror else images, [0, 1, 2, 3, 4], classes)


@pytest.fixture(scope='module')
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp('models') / 'tiny'
    write_tiny_model(folder)
    return folder


def test_targets_keep_their_share_and_take_the_rest_from_the_models(model: Path) -> None:
    targets = np.eye(7, dtype=np.float32)[:5]
    mixed = relabel(targets, _data(), [model, model], share=0.25)
    assert mixed.dtype == np.float32
    assert np.allclose(mixed, 0.75 * targets + 0.25 * opinion_of(model, _data()), atol=1e-6)
    assert np.allclose(mixed.sum(axis=1), 1)


def test_a_picture_and_its_mirror_get_one_opinion(model: Path) -> None:
    assert np.allclose(opinion_of(model, _data()), opinion_of(model, _data(mirror=True)))


def test_opinions_follow_the_order_of_the_classes_of_the_data(model: Path) -> None:
    other = _data(LABELS[::-1])
    assert np.allclose(opinion_of(model, other), opinion_of(model, _data())[:, ::-1])


def test_a_model_that_lacks_a_class_is_refused_by_name(model: Path) -> None:
    with pytest.raises(DataError, match=r'contempt.*the same classes'):
        opinion_of(model, _data((*LABELS[:-1], 'contempt')))

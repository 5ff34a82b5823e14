"""Names of classes: spellings of one expression, and classes of their own."""

from __future__ import annotations

import numpy as np
import pytest

from training.data.dataset import Dataset, make_dataset
from training.data.labels import map_labels
from training.data.merge import merge_datasets
from training.errors import DataError


def test_the_same_name_counts_before_another_spelling() -> None:
    assert map_labels(['neutral', 'Calm'], ['calm', 'neutral']) == [1, 0]
    assert map_labels(['normal'], ['neutral', 'calm']) == [0]
    assert map_labels(['calm', 'neutral'], ['neutral']) == [None, 0]
    assert map_labels(['Anger', 'mask'], ['sad', 'angry']) == [1, None]


def test_two_spellings_of_one_class_are_refused() -> None:
    with pytest.raises(DataError, match="'calm' and 'normal' are both 'neutral'"):
        map_labels(['calm', 'normal'], ['neutral'])


def test_merged_sets_keep_classes_that_are_spellings_of_one_expression() -> None:
    def data(*classes: str) -> Dataset:
        images = np.zeros((len(classes), 4, 4), np.uint8)
        return make_dataset(images, range(len(classes)), classes)

    merged = merge_datasets([data('calm', 'neutral'), data('neutral', 'calm')])
    assert [merged.classes[label] for label in merged.labels] == [
        'calm', 'neutral', 'neutral', 'calm',
    ]  # fmt: skip
    with pytest.raises(DataError, match='merge them, or rename one'):
        merge_datasets([data('calm', 'neutral'), data('happy')])

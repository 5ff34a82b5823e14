"""Merging of data sets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from training.data.dataset import Dataset, make_dataset
from training.data.labels import canonical_label, in_our_order
from training.data.pictures import JoinedPictures
from training.errors import DataError


def merge_datasets(sets: Sequence[Dataset]) -> Dataset:
    """Merge data sets. The classes have the order of the first set if it has all of them.

    Groups of different sets stay different.

    Raises:
        DataError: sizes or channels differ.
    """
    if len(sets) == 1:
        return sets[0]
    shapes = {data.pictures.shape for data in sets}
    if len(shapes) > 1:
        raise DataError(
            f'the data sets have pictures of several shapes {sorted(shapes)}: add --size'
        )
    classes = _all_classes(sets)
    position = {canonical_label(name): index for index, name in enumerate(classes)}
    return make_dataset(
        JoinedPictures([data.pictures for data in sets]),
        np.concatenate([_positions(data, position)[data.labels] for data in sets]),
        classes,
        [split for data in sets for split in data.splits.tolist()],
        [
            f'{number}:{group}' if group else ''
            for number, data in enumerate(sets)
            for group in data.groups.tolist()
        ],
        [name for data in sets for name in data.names.tolist()],
        _merge_votes(sets, position),
        [line for data in sets for line in data.skipped],
    )


def _all_classes(sets: Sequence[Dataset]) -> list[str]:
    labels = {canonical_label(name) for data in sets for name in data.classes}
    if labels == {canonical_label(name) for name in sets[0].classes}:
        return list(sets[0].classes)
    return in_our_order(labels)


def _positions(data: Dataset, position: dict[str, int]) -> NDArray[np.int64]:
    return np.array([position[canonical_label(name)] for name in data.classes])


def _merge_votes(sets: Sequence[Dataset], position: dict[str, int]) -> NDArray[np.float32] | None:
    if all(data.votes is None for data in sets):
        return None
    merged = []
    for data in sets:
        votes = np.zeros((len(data), len(position)), dtype=np.float32)
        if data.votes is not None:
            votes[:, _positions(data, position)] = data.votes
        merged.append(votes)
    return np.concatenate(merged)

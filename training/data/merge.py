"""Merging of data sets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from training.data.dataset import Dataset, make_dataset
from training.data.labels import canonical_label, in_our_order, map_labels
from training.data.pictures import JoinedPictures
from training.errors import DataError


def merge_datasets(sets: Sequence[Dataset]) -> Dataset:
    """Merge data sets. The classes have the order of the first set if it has all of them.

    Groups of different sets stay different.

    Raises:
        DataError: Sizes or channels differ, or two classes of a set are the same expression.
    """
    if len(sets) == 1:
        return sets[0]
    shapes = {data.pictures.shape for data in sets}
    if len(shapes) > 1:
        raise DataError(
            f'the data sets have pictures of several shapes {sorted(shapes)}: add --size'
        )
    classes = _all_classes(sets)
    return make_dataset(
        JoinedPictures([data.pictures for data in sets]),
        np.concatenate([_positions(data, classes)[data.labels] for data in sets]),
        classes,
        [split for data in sets for split in data.splits.tolist()],
        [
            f'{number}:{group}' if group else ''
            for number, data in enumerate(sets)
            for group in data.groups.tolist()
        ],
        [name for data in sets for name in data.names.tolist()],
        _merge_votes(sets, classes),
        [line for data in sets for line in data.skipped],
    )


def _all_classes(sets: Sequence[Dataset]) -> list[str]:
    labels = {canonical_label(name) for data in sets for name in data.classes}
    if labels == {canonical_label(name) for name in sets[0].classes}:
        return list(sets[0].classes)
    return in_our_order(labels)


def _positions(data: Dataset, classes: Sequence[str]) -> NDArray[np.int64]:
    places = map_labels(data.classes, classes)
    for name, place in zip(data.classes, places, strict=True):
        if place is None:
            raise DataError(
                f'the class {name!r} is another spelling of {canonical_label(name)!r}, which is '
                'also a class: merge them, or rename one'
            )
    return np.array(places, dtype=np.int64)


def _merge_votes(sets: Sequence[Dataset], classes: Sequence[str]) -> NDArray[np.float32] | None:
    if all(data.votes is None for data in sets):
        return None
    merged = []
    for data in sets:
        votes = np.zeros((len(data), len(classes)), dtype=np.float32)
        if data.votes is not None:
            votes[:, _positions(data, classes)] = data.votes
        merged.append(votes)
    return np.concatenate(merged)

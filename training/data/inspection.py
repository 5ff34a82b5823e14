"""Figures about a data set: counts, sizes, brightness, copies, conflicting labels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.data.dataset import TRAIN, Dataset
from training.data.duplicates import Copies

#: Pictures with a smaller standard deviation (of 255) are blank.
BLANK_DEVIATION = 4.0


def brightness(data: Dataset) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return mean and standard deviation of the pixels of each picture, both (N,)."""
    means, deviations = [], []
    for chunk in data.pictures.chunks():
        flat = chunk.reshape(len(chunk), -1).astype(np.float32)
        means.append(flat.mean(axis=1))
        deviations.append(flat.std(axis=1))
    return np.concatenate(means), np.concatenate(deviations)


def describe(data: Dataset, copies: Copies, deviation: NDArray[np.float32]) -> dict[str, Any]:
    """Return all figures as values for JSON."""
    training = data.splits == TRAIN
    blank = np.flatnonzero(deviation < BLANK_DEVIATION)
    sides = data.pictures.sides()
    figures: dict[str, Any] = {
        'pictures': len(data),
        'size': data.size,
        'smallest_side_found': int(sides.min()),
        'median_side_found': int(np.median(sides)),
        'largest_side_found': int(sides.max()),
        'smaller_than_size': int((sides < data.size).sum()),
        'channels': data.channels,
        'sha256': data.fingerprint(),
        'unreadable': len(data.skipped),
        'blank': len(blank),
    }
    kinds = {'exact': copies.exact}
    if copies.near:
        kinds['exact_or_near'] = copies.groups
    for kind, groups in kinds.items():
        evaluation = np.isin(groups[~training], groups[training])
        leaked = np.isin(groups[training], groups[~training])
        figures |= {
            f'{kind}_copies_within_training': int(training.sum() - len(set(groups[training]))),
            f'evaluation_pictures_with_{kind}_copies_in_training': int(evaluation.sum()),
            f'training_pictures_with_{kind}_copies_in_evaluation': int(leaked.sum()),
        }
    conflicts = conflicting_groups(copies.groups, data.labels)
    return figures | {
        'groups_with_conflicting_labels': len(conflicts),
        'counts': {
            split: data.subset(data.splits == split).counts() for split in sorted(set(data.splits))
        },
        'unreadable_pictures': list(data.skipped),
        'blank_pictures': [str(data.names[index]) for index in blank],
        'conflicts': [
            {str(data.names[i]): data.classes[data.labels[i]] for i in members}
            for members in conflicts
        ],
    }


def conflicting_groups(
    groups: NDArray[np.int64], labels: NDArray[np.int64]
) -> list[NDArray[np.int64]]:
    """Return the members of each group of copies with conflicting labels."""
    order = np.argsort(groups, kind='stable')
    starts = np.flatnonzero(np.diff(groups[order])) + 1
    return [members for members in np.split(order, starts) if len(set(labels[members])) > 1]

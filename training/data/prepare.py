"""Creation of clean training and development parts of a data set, in a reproducible way."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from training.data.dataset import DEVELOPMENT, TEST, TRAIN, Dataset
from training.data.duplicates import join_groups
from training.data.pictures import Selection
from training.data.splits import stratified_group_split
from training.errors import DataError


class Use(IntEnum):
    """The use of a picture of the data in a run.

    A conflicting picture has copies with another label. No model is trained on it, but the
    temperature is fitted on some of them, because a test contains such pictures, too.
    """

    LEFT_OUT = 0
    TRAINING = 1
    DEVELOPMENT = 2
    CONFLICTING = 3


@dataclass(frozen=True)
class Parts:
    """The training and evaluation data of a run, and the number of removed pictures by reason.

    Attributes:
        training: The training data.
        development: The evaluation data of each epoch, or None.
        calibration: The data for the temperature: the development part and, if it was split off
            here, the same share of the conflicting pictures. Without them, it would be easier than
            a test, and the confidence too high.
        removed: Number of pictures that were removed from training, by reason.
        uses: (N,) uint8, the Use of each picture of the data.
    """

    training: Dataset
    development: Dataset | None
    calibration: Dataset | None
    removed: dict[str, int]
    uses: NDArray[np.uint8]

    @classmethod
    def of(cls, data: Dataset, uses: NDArray[np.uint8], removed: dict[str, int]) -> Parts:
        """Return the parts of the data from the use of each picture."""
        held_out = uses == Use.DEVELOPMENT
        development = calibration = None
        if held_out.any():
            development = data.subset(held_out)
            calibration = data.subset(held_out | (uses == Use.CONFLICTING))
        return cls(data.subset(uses == Use.TRAINING), development, calibration, removed, uses)


def make_parts(
    data: Dataset,
    copies: NDArray[np.int64],
    development_share: float,
    seed: int,
    keep_repeats: bool = False,
) -> Parts:
    """Split off development data and clean the training split.

    Copies of evaluation pictures are removed from training, and groups of copies with conflicting
    labels. One picture of each other group of copies is kept, or all with `keep_repeats`.

    Args:
        data: Everything.
        copies: (N,), equal for pictures that are copies of each other.
        development_share: Share of training for development, [0, 1), if the data has no
            'development' split. It is stratified by class and divides neither a group
            (Dataset.groups) nor copies. The same share of the conflicting pictures is kept for
            calibration.
        seed: Seed of the choice.
        keep_repeats: Keep copies within training.

    Raises:
        DataError: There is no training split, or the share selects nothing.
    """
    learned, conflicts, removed = _cleaned(data, copies, keep_repeats)
    uses = np.full(len(data), Use.LEFT_OUT, np.uint8)
    uses[learned] = Use.TRAINING
    if (data.splits == DEVELOPMENT).any():
        uses[data.splits == DEVELOPMENT] = Use.DEVELOPMENT
    elif development_share:
        together = _group_numbers(data.groups[learned])
        if keep_repeats:
            together = join_groups(copies, _same_group(data))[learned]
        chosen = stratified_group_split(
            data.labels[learned], together, development_share, seed, each_class=True
        )
        _check_selection('--development', data, learned, chosen)
        uses[learned[chosen]] = Use.DEVELOPMENT
        chosen = stratified_group_split(
            data.labels[conflicts], copies[conflicts], development_share, seed
        )
        uses[conflicts[chosen]] = Use.CONFLICTING
    return Parts.of(data, uses, removed)


def _cleaned(
    data: Dataset, copies: NDArray[np.int64], keep_repeats: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64], dict[str, int]]:
    """Return the indices of the training pictures to use and of those with conflicting labels.

    The third value is the number of removed pictures by reason.
    """
    training = data.splits == TRAIN
    if not training.any():
        data.split(TRAIN)
    leaked = training & np.isin(copies, copies[~training])
    kept = np.flatnonzero(training & ~leaked)
    conflicting = _has_conflict(data.labels[kept], copies[kept])
    agreed = kept[~conflicting]
    single = np.sort(agreed[np.unique(copies[agreed], return_index=True)[1]])
    learned = agreed if keep_repeats else single
    removed = {
        'copies_of_evaluation_pictures': int(leaked.sum()),
        'conflicting_labels': int(conflicting.sum()),
        'copies_within_training': len(agreed) - len(learned),
    }
    return learned, kept[conflicting], removed


def split_off_test(data: Dataset, copies: NDArray[np.int64], share: float, seed: int) -> Dataset:
    """Return the data with a share of its training pictures in the split 'test'.

    It is stratified by class and divides neither a group nor a set of copies. Raises DataError if
    the data already has a split of that name, or nothing is selected.
    """
    if (data.splits == TEST).any():
        raise DataError('the data already has a test split: remove --test')
    training = np.flatnonzero(data.splits == TRAIN)
    together = join_groups(copies, _same_group(data))[training]
    chosen = stratified_group_split(data.labels[training], together, share, seed, each_class=True)
    _check_selection('--test', data, training, chosen)
    return set_apart(data, training[chosen])


def _check_selection(
    name: str, data: Dataset, candidates: NDArray[np.int64], chosen: NDArray[np.bool_]
) -> None:
    """Print the classes that a selection lacks. Raises DataError if it is empty."""
    if len(candidates) and not chosen.any():
        raise DataError(
            f'{name} selects no picture, because each class has only one picture, or all '
            f'pictures of a class show one person or are copies of each other: add pictures, or '
            f'use {name} 0 (inspect shows the copies)'
        )
    missing = set(data.labels[candidates]) - set(data.labels[candidates[chosen]])
    if missing:
        names = ', '.join(data.classes[label] for label in sorted(missing))
        print(
            f'warning: {name} selects no picture of {names}, because the class has only one '
            'picture, or all of them show one person or are copies of each other',
            file=sys.stderr,
        )


def set_apart(data: Dataset, which: Selection) -> Dataset:
    """Return the data with the pictures of a mask or index array in the split 'test'."""
    splits = data.splits.astype(object)
    splits[which] = TEST
    return replace(data, splits=splits.astype(np.str_))


def _same_group(data: Dataset) -> NDArray[np.int64]:
    """Return pairs (P, 2) that tie each picture to the first of its group."""
    known = np.flatnonzero(data.groups != '')
    _, first, index = np.unique(data.groups[known], return_index=True, return_inverse=True)
    return np.column_stack([known, known[first[index]]])


def _has_conflict(labels: NDArray[np.int64], groups: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return for each picture whether its group has more than one label."""
    _, index = np.unique(groups, return_inverse=True)
    low = np.full(len(labels), np.iinfo(np.int64).max)
    high = np.full(len(labels), -1)
    np.minimum.at(low, index, labels)
    np.maximum.at(high, index, labels)
    conflict: NDArray[np.bool_] = low[index] != high[index]
    return conflict


def _group_numbers(groups: NDArray[np.str_]) -> NDArray[np.int64]:
    """Number the groups. A picture without a group forms its own group."""
    _, numbers = np.unique(groups, return_inverse=True)
    alone = groups == ''
    numbers[alone] = len(groups) + np.arange(int(alone.sum()))
    return numbers

"""A labelled data set, independent of its source."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from training.data.pictures import ArrayPictures, Pictures, Selection
from training.errors import DataError

TRAIN, DEVELOPMENT, TEST = 'train', 'development', 'test'


@dataclass(frozen=True)
class Dataset:
    """Labelled face pictures, all of one size.

    Attributes:
        pictures: N pictures, gray or RGB.
        labels: (N,) int64, indices into classes.
        classes: Names in the order of the labels.
        splits: (N,) str, such as 'train', 'development', 'public', 'test'.
        groups: (N,) str, the person shown, so that no person is on both sides of a split; '' if
            unknown.
        names: (N,) str, the source of each picture, for reports.
        votes: (N, K) float32, the share of annotators for each class; zeros for pictures without
            votes. None if the set has no votes.
        skipped: The unreadable files, with the reason.
    """

    pictures: Pictures
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    splits: NDArray[np.str_]
    groups: NDArray[np.str_]
    names: NDArray[np.str_]
    votes: NDArray[np.float32] | None = None
    skipped: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        count = len(self.pictures)
        for field in ('labels', 'splits', 'groups', 'names'):
            if len(getattr(self, field)) != count:
                raise DataError(
                    f'the data has {count} pictures, but {len(getattr(self, field))} {field}'
                )
        names = [name.strip().lower() for name in self.classes]
        for name, other in zip(self.classes, names, strict=True):
            if names.count(other) > 1:
                raise DataError(
                    f'several classes are {name!r} in upper or lower case: merge them, or rename '
                    'them'
                )
        if count and not 0 <= self.labels.min() <= self.labels.max() < len(self.classes):
            raise DataError(
                f'a label is outside 0..{len(self.classes) - 1}, the range for {self.classes}'
            )

    def __len__(self) -> int:
        return len(self.pictures)

    @property
    def size(self) -> int:
        """Return the side of the pictures in pixels."""
        return self.pictures.shape[0]

    @property
    def channels(self) -> str:
        """Return 'gray' or 'rgb'."""
        return 'gray' if len(self.pictures.shape) == 2 else 'rgb'

    def subset(self, which: Selection) -> Dataset:
        """Return the pictures that a mask or index array selects, in its order."""
        return replace(
            self,
            pictures=self.pictures.subset(which),
            labels=self.labels[which],
            splits=self.splits[which],
            groups=self.groups[which],
            names=self.names[which],
            votes=None if self.votes is None else self.votes[which],
        )

    def split(self, name: str) -> Dataset:
        """Return the pictures of one split. Raises DataError if there are none."""
        which = self.splits == name
        if not which.any():
            have = ', '.join(sorted(set(self.splits.tolist()))) or 'none'
            raise DataError(f'the data has no split {name!r}: use one of: {have}')
        return self.subset(which)

    def counts(self) -> dict[str, int]:
        """Return the number of pictures per class."""
        totals = np.bincount(self.labels, minlength=len(self.classes))
        return dict(zip(self.classes, totals.tolist(), strict=True))

    def fingerprint(self) -> str:
        """Return the SHA-256 of pictures, labels, classes, splits and votes."""
        digest = hashlib.sha256(self.pictures.digest().encode())
        digest.update('|'.join(self.classes).encode())
        digest.update('|'.join(self.splits.tolist()).encode())
        digest.update(self.labels.astype('<i8').tobytes())
        if self.votes is not None:
            digest.update(self.votes.astype('<f4').tobytes())
        return digest.hexdigest()


def make_dataset(
    pictures: Pictures | NDArray[np.uint8],
    labels: Sequence[int] | NDArray[np.integer],
    classes: Sequence[str],
    splits: Sequence[str] | str = TRAIN,
    groups: Sequence[str] | str = '',
    names: Sequence[str] | str = '',
    votes: NDArray[np.float32] | None = None,
    skipped: Sequence[str] = (),
) -> Dataset:
    """Return a data set from columns. A single text applies to all pictures."""
    count = len(pictures)
    return Dataset(
        pictures=pictures if isinstance(pictures, Pictures) else ArrayPictures(pictures),
        labels=np.asarray(labels, dtype=np.int64),
        classes=tuple(str(name) for name in classes),
        splits=_column(count, splits),
        groups=_column(count, groups),
        names=_column(count, names),
        votes=votes,
        skipped=tuple(skipped),
    )


def _column(count: int, values: Sequence[str] | str) -> NDArray[np.str_]:
    if isinstance(values, str):
        return np.full(count, values, dtype=f'U{max(len(values), 1)}')
    return np.asarray(values, dtype=np.str_)

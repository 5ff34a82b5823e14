"""Reader of .npz archives: images, labels and classes; FER2013 with parts and votes; gender."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.data.dataset import TRAIN, Dataset, make_dataset
from training.data.readers.ferplus import vote_shares
from training.errors import DataError

#: The parts of FER2013 by the number in the archive's `usage` column.
FER2013_SPLITS = (TRAIN, 'public', 'private')
#: Classes of the `gender` column, in the order of its numbers.
GENDERS = ('woman', 'man')


def read_npz(path: Path) -> Dataset:
    """Read an archive with images (N, S, S[, 3]) uint8, labels (N,) and classes (K,) names.

    Optional columns: usage (N,) 0 training, 1 public, 2 private, or splits (N,) names; identity
    (N,); ferplus (N, C) vote counts with ferplus_columns (C,). `gender` (N,) 0 woman, 1 man can
    replace labels and classes. Without a split, everything is training data.

    Raises:
        DataError: The file cannot be read, or a column is missing or does not match.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            columns = {name: archive[name] for name in archive.files}
    except Exception as error:
        # zipfile, zlib and numpy can raise any error for a damaged or encrypted file.
        raise DataError(
            f'{path} is not a readable npz archive: {type(error).__name__}: {error}'
        ) from error
    if 'gender' in columns and 'labels' not in columns:
        columns |= {'labels': columns['gender'], 'classes': np.array(GENDERS)}
    needed = {'images', 'labels', 'classes'}
    if 'ferplus' in columns:
        needed.add('ferplus_columns')
    missing = needed - set(columns)
    if missing:
        raise DataError(f'{path} lacks {", ".join(sorted(missing))}; it has {sorted(columns)}')
    try:
        return _from_columns(columns, path.name)
    except (DataError, IndexError, TypeError, ValueError) as error:
        raise DataError(f'{path}: {error}') from error


def _from_columns(columns: Mapping[str, NDArray[Any]], name: str) -> Dataset:
    classes = _texts(columns['classes'])
    splits: list[str] | str = TRAIN
    if 'splits' in columns:
        splits = _texts(columns['splits'])
    elif 'usage' in columns:
        splits = [FER2013_SPLITS[part] for part in columns['usage']]
    votes = None
    if 'ferplus' in columns:
        names = _texts(columns['ferplus_columns'])
        votes = vote_shares(columns['ferplus'], names, classes)
    return make_dataset(
        columns['images'],
        _whole_numbers(columns['labels']),
        classes,
        splits,
        _texts(columns['identity']) if 'identity' in columns else '',
        [f'{name}[{index}]' for index in range(len(columns['images']))],
        votes,
    )


def _texts(column: NDArray[Any]) -> list[str]:
    """Return the entries as text. h5py and older tools write bytes."""
    if column.dtype.kind == 'S':
        column = np.char.decode(column, 'utf-8')
    return [str(entry) for entry in column]


def _whole_numbers(labels: NDArray[Any]) -> NDArray[np.int64]:
    """Return the labels as integers. Raises DataError for other types or shapes."""
    if labels.ndim != 1 or labels.dtype.kind not in 'biuf' or (labels % 1 != 0).any():
        raise DataError(
            f'labels are {labels.dtype} of shape {labels.shape}; they must be one whole number '
            'for each picture, an index into classes'
        )
    return labels.astype(np.int64)

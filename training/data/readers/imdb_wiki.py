"""Reader of the gender labels of IMDB-WIKI (Rothe et al. 2015) from imdb.mat or wiki.mat."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from training.data.dataset import Dataset, make_dataset
from training.data.pictures import read_pictures
from training.data.readers.npz import GENDERS
from training.errors import DataError

#: Lowest score of the data set's own detector for a face to be used.
LEAST_FACE_SCORE = 3.0


def read_imdb_wiki(
    path: Path, size: int, channels: str, least_face_score: float = LEAST_FACE_SCORE
) -> Dataset:
    """Read the pictures that the file lists, relative to its folder.

    It keeps pictures with a certain face, no second face and a known gender. The person is the
    group.

    Args:
        path: imdb.mat or wiki.mat.
        size: Side in pixels to which pictures are resized.
        channels: 'gray' or 'rgb'.
        least_face_score: Lowest score of the data set's own detector.

    Raises:
        DataError: The file has another format, or no picture passed the filters.
    """
    table = _read_table(path)
    try:
        gender, score, second = (
            np.asarray(table[column], dtype=np.float64).reshape(-1)
            for column in ('gender', 'face_score', 'second_face_score')
        )
        keep = (score >= least_face_score) & np.isnan(second) & np.isin(gender, (0, 1))
    except (TypeError, ValueError) as error:
        raise DataError(f'{path} has columns that do not match: {error}') from error
    listed = np.atleast_1d(table['full_path'])
    people = np.atleast_1d(table.get('name', [''] * len(listed)))
    if not len(keep) == len(listed) == len(people):
        raise DataError(f'{path} has columns of different lengths')
    chosen = np.flatnonzero(keep)
    paths = [path.parent / str(listed[index]) for index in chosen]
    pictures, kept, skipped = read_pictures(paths, size, channels)
    if not len(kept):
        raise DataError(
            f'{path}: no picture passed the filters, or none could be read: check the path of '
            'the pictures'
        )
    return make_dataset(
        pictures,
        gender[chosen[kept]].astype(np.int64),
        GENDERS,
        groups=[str(people[index]) for index in chosen[kept]],
        names=[str(listed[index]) for index in chosen[kept]],
        skipped=skipped,
    )


def _read_table(path: Path) -> Mapping[str, Any]:
    """Return the columns of the file. Raises DataError if it has another format."""
    from scipy.io import loadmat  # It takes long to import.

    try:
        content = loadmat(path, simplify_cells=True)
    except Exception as error:
        # scipy's reader can raise any error for a damaged file.
        raise DataError(
            f'{path} is not a readable MATLAB file: {type(error).__name__}: {error}'
        ) from error
    table = content.get(path.stem)
    needed = {'full_path', 'gender', 'face_score', 'second_face_score'}
    if not isinstance(table, dict) or not needed <= set(table):
        raise DataError(f'{path} lacks the table {path.stem!r} with {", ".join(sorted(needed))}')
    return table

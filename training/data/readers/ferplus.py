"""The votes of the ten annotators of FER+ (Barsoum et al. 2016), as shares per class."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.data.dataset import Dataset
from training.data.labels import canonical_label
from training.data.text_files import open_text
from training.errors import DataError

#: Columns without a class here. Their votes are dropped, and the rest is normalised again.
DROPPED = ('contempt', 'unknown', 'NF')


def vote_shares(
    votes: NDArray[np.integer], columns: Sequence[str], classes: Sequence[str]
) -> NDArray[np.float32]:
    """Convert counts of votes to shares. A picture without a usable vote has a row of zeros.

    Args:
        votes: (N, C) counts.
        columns: C names of the columns.
        classes: K names.

    Returns:
        (N, K) shares in the order of `classes`.

    Raises:
        DataError: A column is neither a class nor one of DROPPED.
    """
    shares = np.zeros((len(votes), len(classes)), dtype=np.float32)
    index = {canonical_label(name): position for position, name in enumerate(classes)}
    for column, name in enumerate(columns):
        label = canonical_label(name)
        if label in index:
            shares[:, index[label]] = votes[:, column]
        elif name not in DROPPED:
            raise DataError(f'FER+ column {name!r} is not a class; classes: {", ".join(classes)}')
    total = shares.sum(axis=1, keepdims=True)
    np.divide(shares, total, out=shares, where=total > 0)
    return shares


def join_ferplus(data: Dataset, path: Path) -> Dataset:
    """Return the data with the votes of fer2013new.csv, joined by position.

    A picture with a truncated or non-numeric row has no votes and is listed as skipped.

    Raises:
        DataError: The file has another number of rows, lacks its columns or has no votes.
    """
    try:
        with open_text(path) as file:
            reader = csv.DictReader(file)
            header = reader.fieldnames or ()
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f'{path} cannot be read: {error}') from error
    columns = [name for name in header if name not in ('Usage', 'Image name')]
    if len(rows) != len(data) or not columns:
        raise DataError(
            f'{path} has votes for {len(rows)} pictures, the data {len(data)}: votes need all of '
            'FER2013 in its original order: remove --ferplus, or use the complete data'
        )
    votes = np.zeros((len(rows), len(columns)), dtype=np.int64)
    skipped = []
    for number, row in enumerate(rows):
        try:
            votes[number] = [int(row[name] or '') for name in columns]
        except (ValueError, OverflowError) as error:
            skipped.append(f'{path.name}[{number}]: votes that are not numbers: {error}')
    if len(skipped) == len(rows):
        raise DataError(f'{path} has no numeric votes; the first fault: {skipped[0]}')
    return replace(
        data,
        votes=vote_shares(votes, columns, data.classes),
        skipped=(*data.skipped, *skipped),
    )

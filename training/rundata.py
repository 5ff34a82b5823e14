"""Which pictures of a data set a run learns from, the same every time."""

from __future__ import annotations

from typing import Any

from training.data.dataset import Dataset
from training.data.duplicates import find_copies
from training.data.open import DataOptions, open_data
from training.data.prepare import Parts, make_parts, split_off_test
from training.errors import DataError


def select(
    data: Dataset,
    copies: str,
    test: float,
    development: float,
    seed: int,
    keep_repeats: bool = False,
) -> tuple[Dataset, Parts]:
    """Return the data with a test split where one is asked for, and the parts to train with.

    copies: 'near' or 'exact', which copies count. test, development: shares of training.
    keep_repeats: keep copies within training.
    """
    groups = find_copies(data.pictures, near=copies == 'near').groups
    if test:
        data = split_off_test(data, groups, test, seed)
    return data, make_parts(data, groups, development, seed, keep_repeats)


def data_of_run(record: dict[str, Any]) -> tuple[Dataset, Parts]:
    """Return the data and the parts that a run had, read again as its record says.

    Raises DataError when the data is no longer the same.
    """
    arguments = record['arguments']
    data = open_data(
        DataOptions(
            arguments['data'],
            arguments['size'],
            arguments['channels'],
            arguments['classes'],
            arguments['ferplus'],
        )
    )
    data, parts = select(
        data,
        arguments['copies'],
        arguments['test'],
        arguments['development'],
        arguments['seed'],
        arguments.get('keep_repeats', False),
    )
    if data.fingerprint() != record['data']['sha256']:
        raise DataError(
            f'{", ".join(arguments["data"])} has changed since the run: its content no longer has '
            'the SHA-256 of the record. Name the data to use with --data'
        )
    return data, parts

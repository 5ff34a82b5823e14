"""Which pictures of a data set a run learns from, the same every time and on every machine.

Whether two pictures are near copies hangs on floating-point arithmetic, which differs between
processors in the last digits; so a run keeps what became of each picture.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from training.data.dataset import TEST, Dataset
from training.data.duplicates import find_copies
from training.data.open import DataOptions, open_data
from training.data.prepare import Parts, make_parts, set_apart, split_off_test
from training.errors import DataError, TrainingError
from training.record import read_record, write_npz

#: In a run's folder: what became of each picture, and which are set apart for a test.
PARTS = 'parts.npz'


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


def keep_parts(run: Path, data: Dataset, parts: Parts) -> None:
    """Write what became of each picture into the run's folder."""
    write_npz(run / PARTS, uses=parts.uses, test=data.splits == TEST)


def kept_parts(run: Path, data: Dataset) -> tuple[Dataset, Parts] | None:
    """Return the data and the parts as a run has kept them.

    None where it kept none, as runs of earlier versions, or of other data. TrainingError where the
    file is damaged.
    """
    path = run / PARTS
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as archive:
            uses, test = archive['uses'], archive['test']
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise TrainingError(f'{path} is damaged ({error}): train again') from error
    if len(uses) != len(data):
        return None
    data = set_apart(data, test)
    return data, Parts.of(data, uses, read_record(run)['data']['removed'])


def data_of_run(run: Path) -> tuple[Dataset, Parts]:
    """Return the data and the parts that a run had, read again as its record says.

    Raises TrainingError when there is no such run, DataError when the data is no longer the same.
    """
    record = read_record(run)
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
    data, parts = kept_parts(run, data) or select(
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

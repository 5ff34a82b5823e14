"""Which pictures of a data set a run learns from, the same every time and on every machine.

Whether two pictures are near copies hangs on floating-point arithmetic, which differs between
processors in the last digits; so a run keeps what became of each picture.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.base.files import write_npz
from training.data.dataset import TEST, Dataset
from training.data.duplicates import find_copies
from training.data.open import DataOptions, open_data
from training.data.prepare import Parts, make_parts, set_apart, split_off_test
from training.errors import DataError, TrainingError
from training.learning.record import read_record

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
    removed = np.array(json.dumps(parts.removed))
    write_npz(run / PARTS, uses=parts.uses, test=data.splits == TEST, removed=removed)


def kept_parts(run: Path, data: Dataset) -> tuple[Dataset, Parts] | None:
    """Return the data and the parts as a run has kept them.

    None where it kept none, as runs of earlier versions, or of other data. TrainingError where the
    file is damaged.
    """
    path = run / PARTS
    if not path.is_file():
        return None
    uses, test, removed = _read_parts(path)
    if len(uses) != len(data):
        return None
    data = set_apart(data, test)
    return data, Parts.of(data, uses, removed or read_record(run)['data']['removed'])


def given_parts(path: Path, data: Dataset) -> tuple[Dataset, Parts]:
    """Return the data and the parts that another run has kept in a file.

    Raises TrainingError where there is no such file, or it is of other data.
    """
    if not path.is_file():
        raise TrainingError(f'there is no file {path}; a run keeps its parts in {PARTS}')
    uses, test, removed = _read_parts(path)
    if len(uses) != len(data):
        raise TrainingError(
            f'{path} is about {len(uses)} pictures, but the data has {len(data)}: give the data '
            'of that run'
        )
    data = set_apart(data, test)
    return data, Parts.of(data, uses, removed)


def _read_parts(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.bool_], dict[str, int]]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            removed = json.loads(str(archive['removed'])) if 'removed' in archive else {}
            return archive['uses'], archive['test'], removed
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise TrainingError(f'{path} is damaged ({error}): train again') from error


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

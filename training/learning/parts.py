"""Which pictures of a data set a run learns from, the same every time and on every machine.

Whether two pictures are near copies depends on floating-point arithmetic, which differs between
processors in the last digits; so a run keeps what became of each picture.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.base.files import write_npz
from training.data.dataset import TEST, Dataset
from training.data.duplicates import find_copies
from training.data.prepare import Parts, make_parts, set_apart, split_off_test
from training.errors import TrainingError
from training.learning.config import TrainConfig

#: In a run's folder: what became of each picture, and which are set apart for a test.
PARTS = 'parts.npz'


@dataclass(frozen=True)
class KeptParts:
    """What a file of parts says.

    Attributes:
        uses: (N,) uint8, as in prepare.Parts.
        test: (N,) bool, pictures that are set apart for a test.
        removed: pictures that left training, by reason; none in files of earlier versions.
    """

    uses: NDArray[np.uint8]
    test: NDArray[np.bool_]
    removed: dict[str, int]


def select(data: Dataset, config: TrainConfig) -> tuple[Dataset, Parts]:
    """Choose what a run learns from and is judged on.

    Args:
        data: everything.
        config: its copies, keep_repeats, test, development and seed count.

    Returns:
        The data, with a test split where one is asked for, and its parts.
    """
    groups = find_copies(data.pictures, near=config.copies == 'near').groups
    if config.test:
        data = split_off_test(data, groups, config.test, config.seed)
    parts = make_parts(data, groups, config.development, config.seed, config.keep_repeats)
    return data, parts


def write_parts(path: Path, data: Dataset, parts: Parts) -> None:
    """Write what became of each picture."""
    removed = np.array(json.dumps(dict(parts.removed)))
    write_npz(path, uses=parts.uses, test=data.splits == TEST, removed=removed)


def read_parts(path: Path) -> KeptParts:
    """Read what write_parts() wrote; TrainingError where it is damaged."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            removed = json.loads(str(archive['removed'])) if 'removed' in archive else {}
            return KeptParts(archive['uses'], archive['test'], removed)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise TrainingError(f'{path} is damaged ({error}): train again') from error


def restore(data: Dataset, kept: KeptParts, removed: Mapping[str, int]) -> tuple[Dataset, Parts]:
    """Return data and parts as they were kept; `removed` says how many pictures left and why."""
    data = set_apart(data, kept.test)
    return data, Parts.of(data, kept.uses, dict(removed))


def given_parts(path: Path, data: Dataset) -> tuple[Dataset, Parts]:
    """Return the data and the parts that another run has kept in a file.

    Raises:
        TrainingError: there is no such file, it is damaged, or it is of other data.
    """
    if not path.is_file():
        raise TrainingError(f'there is no file {path}; a run keeps its parts in {PARTS}')
    kept = read_parts(path)
    if len(kept.uses) != len(data):
        raise TrainingError(
            f'{path} is about {len(kept.uses)} pictures, but the data has {len(data)}: give the '
            'data of that run'
        )
    return restore(data, kept, kept.removed)

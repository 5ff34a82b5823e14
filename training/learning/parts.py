"""The pictures of a data set that a run is trained and evaluated on, in a reproducible way.

Whether two pictures are near copies depends on floating-point arithmetic, which differs between
processors in the last digits. A run therefore stores the use of each picture.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.base.files import write_npz
from training.data.dataset import TEST, TRAIN, Dataset
from training.data.duplicates import find_copies
from training.data.open import open_data
from training.data.prepare import Parts, make_parts, set_apart, split_off_test
from training.errors import TrainingError
from training.learning.config import TrainConfig

#: File in the folder of a run with the use of each picture, and the pictures reserved for a test.
PARTS = 'parts.npz'


@dataclass(frozen=True)
class KeptParts:
    """The content of a file of parts.

    Attributes:
        uses: (N,) uint8, as in prepare.Parts.
        test: (N,) bool, pictures that are reserved for a test.
        removed: Number of pictures that were removed from training, by reason; none in files of
            earlier versions.
        labels: SHA-256 of the classes; empty in files of earlier versions, like the following.
        pictures: SHA-256 of the pictures before a change of their size or channels.
        names: SHA-256 of the names of the pictures.
    """

    uses: NDArray[np.uint8]
    test: NDArray[np.bool_]
    removed: dict[str, int]
    labels: str
    pictures: str
    names: str

    def belongs_to(self, data: Dataset) -> bool:
        """Return whether a data set is the one of the file, in any size.

        The pixels of picture files depend on the size and the decoder. Their names are therefore
        sufficient. In files of earlier versions, only the number of pictures is compared.
        """
        if len(self.uses) != len(data):
            return False
        if not self.labels:
            return True
        return self.labels == _digest(data.classes[label] for label in data.labels) and (
            self.names == _digest(data.names.tolist())
            or self.pictures == data.pictures.original_digest()
        )


def open_run_data(config: TrainConfig) -> Dataset:
    """Read the data of a run. With `everything`, all pictures are in the training split."""
    data = open_data(config.data)
    return replace(data, splits=np.full(len(data), TRAIN)) if config.everything else data


def select(data: Dataset, config: TrainConfig) -> tuple[Dataset, Parts]:
    """Select the training and evaluation data of a run.

    Args:
        data: From open_run_data().
        config: Only copies, everything, keep_repeats, test, development and seed are used.

    Returns:
        The data, with a test split if requested, and its parts.
    """
    groups = find_copies(data.pictures, near=config.copies == 'near').groups
    development = 0.0 if config.everything else config.development
    if config.test:
        data = split_off_test(data, groups, config.test, config.seed)
    parts = make_parts(data, groups, development, config.seed, config.keep_repeats)
    return data, parts


def write_parts(path: Path, data: Dataset, parts: Parts) -> None:
    """Write the use of each picture."""
    write_npz(
        path,
        uses=parts.uses,
        test=data.splits == TEST,
        removed=np.array(json.dumps(dict(parts.removed))),
        labels=np.array(_digest(data.classes[label] for label in data.labels)),
        pictures=np.array(data.pictures.original_digest()),
        names=np.array(_digest(data.names.tolist())),
    )


def _digest(names: Iterable[str]) -> str:
    """Return the SHA-256 of names in order."""
    return hashlib.sha256('\n'.join(names).encode('utf-8', 'surrogateescape')).hexdigest()


def read_parts(path: Path) -> KeptParts:
    """Read a file of write_parts(). Raises TrainingError if it is damaged."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            removed = json.loads(str(archive['removed'])) if 'removed' in archive else {}
            return KeptParts(
                archive['uses'],
                archive['test'],
                removed,
                str(archive.get('labels', '')),
                str(archive.get('pictures', '')),
                str(archive.get('names', '')),
            )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise TrainingError(
            f'{path} is damaged, or it is not the {PARTS} of a run ({type(error).__name__}): name '
            'another file, or start the training again'
        ) from error


def restore(data: Dataset, kept: KeptParts, removed: Mapping[str, int]) -> tuple[Dataset, Parts]:
    """Return the stored data and parts. `removed` contains the removed pictures by reason."""
    data = set_apart(data, kept.test)
    return data, Parts.of(data, kept.uses, dict(removed))


def given_parts(path: Path, data: Dataset) -> tuple[Dataset, Parts]:
    """Return the data and the parts that another run has stored in a file.

    Raises:
        TrainingError: The file does not exist, is damaged, or belongs to other data.
    """
    if not path.is_file():
        raise TrainingError(f'the file {path} does not exist: name the file {PARTS} of a run')
    kept = read_parts(path)
    if len(kept.uses) != len(data):
        raise TrainingError(
            f'{path} has {len(kept.uses)} pictures, but the data has {len(data)}: use the data '
            'of that run'
        )
    if not kept.belongs_to(data):
        raise TrainingError(
            f'{path} belongs to other data, because the labels or the pictures differ: use the '
            'data of that run'
        )
    if not kept.labels:
        print(
            f'{path} is of an earlier version, which recorded only the number of pictures: check '
            'that it belongs to this data'
        )
    return restore(data, kept, kept.removed)

"""Opening of data sets that the command line names."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from fer_ros.core.options import check_options, documented, option
from training.data.dataset import Dataset
from training.data.framing import photograph_warning
from training.data.merge import merge_datasets
from training.data.pictures import ResizedPictures
from training.data.readers.fer_csv import read_fer_csv
from training.data.readers.ferplus import join_ferplus
from training.data.readers.folders import read_ck48, read_folders
from training.data.readers.imdb_wiki import read_imdb_wiki
from training.data.readers.kdef import read_kdef
from training.data.readers.lfw import read_lfw
from training.data.readers.npz import read_npz
from training.errors import DataError

#: Data sets that need a prefix, because the path does not show their kind: ck48:FOLDER.
KINDS = ('npz', 'csv', 'folder', 'ck48', 'kdef', 'imdb', 'lfw')


#: Pictures that are so many times larger than requested can be photographs.
MUCH_LARGER = 1.5

#: Kinds that are read from a path, a size and channels.
READERS: dict[str, Callable[[Path, int, str], Dataset]] = {
    'ck48': read_ck48,
    'kdef': read_kdef,
    'imdb': read_imdb_wiki,
    'lfw': read_lfw,
}


@documented
@dataclass(frozen=True)
class DataOptions:
    """The data sources, and how picture files are read.

    A value out of range raises ValueError.
    """

    sources: Sequence[str]
    size: int = option(48, 'Side in pixels to which pictures are resized.', minimum=1)
    channels: str = option('gray', 'Channels of pictures from files.', choices=('gray', 'rgb'))
    classes: Sequence[str] | None = option(
        None, 'Class folders in the wanted order, if the classes are not expressions.'
    )
    ferplus: str = option('', 'Path of fer2013new.csv with the votes of FER+.')

    def __post_init__(self) -> None:
        check_options(self)


def open_data(options: DataOptions) -> Dataset:
    """Read and merge all sources. Raises DataError with the name of an unusable source."""
    if options.classes and all(_kind_of(source)[0] != 'folder' for source in options.sources):
        raise DataError(
            '--classes names class folders, but no --data is such a folder: remove --classes'
        )
    data = merge_datasets([_open_one(source, options) for source in options.sources])
    if options.ferplus:
        data = join_ferplus(data, Path(options.ferplus))
    return data


def _open_one(source: str, options: DataOptions) -> Dataset:
    kind, path = _kind_of(source)
    if not path.exists():
        raise DataError(f'{path} does not exist: check the path')
    if kind in ('npz', 'csv'):
        return _as_asked(read_npz(path) if kind == 'npz' else read_fer_csv(path), path, options)
    if kind == 'folder':
        data = read_folders(path, options.size, options.channels, options.classes)
    else:
        data = READERS[kind](path, options.size, options.channels)
    if np.median(data.pictures.sides()) > MUCH_LARGER * options.size:
        told = photograph_warning(data)
        if told:
            print(f'warning: {path}: {told}', file=sys.stderr)
    return data


def _as_asked(data: Dataset, path: Path, options: DataOptions) -> Dataset:
    """Return the data in the requested size. Raises DataError if other channels are requested.

    The defaults request no change.
    """
    size, channels = DataOptions.size, DataOptions.channels
    if options.channels not in (channels, data.channels):
        raise DataError(
            f'{path} has {data.channels} pictures: remove --channels, which applies only to '
            'picture files'
        )
    if options.size in (size, data.size):
        return data
    return replace(data, pictures=ResizedPictures(data.pictures, options.size))


def _kind_of(source: str) -> tuple[str, Path]:
    """Return the kind and the path of a source."""
    kind, _, rest = source.partition(':')
    if rest and kind in KINDS:
        return kind, Path(rest)
    path = Path(source)
    if path.is_dir():
        return 'folder', path
    by_suffix = {'.npz': 'npz', '.csv': 'csv', '.mat': 'imdb'}
    if path.suffix.lower() not in by_suffix:
        raise DataError(f'{source}: unknown kind of data: the known kinds are {", ".join(KINDS)}')
    return by_suffix[path.suffix.lower()], path

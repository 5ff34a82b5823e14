"""Opening of data sets that the command line names."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from fer_ros.core.crop import LARGEST_SIZE
from fer_ros.core.options import check_options, documented, option
from training.data.dataset import Dataset
from training.data.framing import photograph_warning
from training.data.merge import merge_datasets
from training.data.pictures import GrayPictures, ResizedPictures
from training.data.readers.affectnet import read_affectnet
from training.data.readers.fer_csv import read_fer_csv
from training.data.readers.ferplus import join_ferplus
from training.data.readers.folders import read_folders
from training.data.readers.imdb_wiki import read_imdb_wiki
from training.data.readers.kdef import read_kdef
from training.data.readers.lfw import read_lfw
from training.data.readers.npz import read_npz
from training.errors import DataError

#: Prefixes of sources, for data sets whose path does not show their kind: kdef:FOLDER.
KINDS = ('npz', 'csv', 'folder', 'kdef', 'affectnet', 'imdb', 'lfw')
#: In records of earlier versions, ck48:FOLDER is a folder.
EARLIER_KINDS = {'ck48': 'folder'}


#: The size and the channels of pictures from files, if nothing else is known.
DEFAULT_SIZE, DEFAULT_CHANNELS = 48, 'gray'
CHANNELS = ('gray', 'rgb')

#: Pictures that are so many times larger than requested can be photographs.
MUCH_LARGER = 1.5

#: Kinds that are read from a path, a size and channels.
READERS: dict[str, Callable[[Path, int, str], Dataset]] = {
    'kdef': read_kdef,
    'affectnet': read_affectnet,
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
    size: int | None = option(
        None,
        'Side in pixels to which pictures are resized. Default: as the network of --init or '
        f'--model needs, otherwise {DEFAULT_SIZE} for picture files, and unchanged for others.',
    )
    channels: str | None = option(
        None,
        'gray or rgb. Colour pictures can be converted to gray, but not the reverse. Default: '
        'gray for picture files, and unchanged for others.',
    )
    classes: Sequence[str] | None = option(
        None,
        'Class folders in the order of the outputs, if their names are not expressions. '
        'FOLDER=CLASS assigns a class to a folder, such as 1=surprise.',
    )
    ferplus: str = option('', 'Path of fer2013new.csv with the votes of FER+.')

    def __post_init__(self) -> None:
        check_options(self)
        if self.size is not None and not 1 <= self.size <= LARGEST_SIZE:
            raise ValueError(f'size is {self.size}: it must be from 1 to {LARGEST_SIZE}')
        if self.channels not in (None, *CHANNELS):
            raise ValueError(
                f'channels is {self.channels!r}: it must be one of {", ".join(CHANNELS)}'
            )


def print_skipped(data: Dataset) -> None:
    """Print the files that could not be read."""
    for line in data.skipped:
        print(f'skipped {line}')


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
    if not os.path.exists(path):  # Path.exists() raises an error for a name that is too long.
        raise DataError(f'{path} does not exist: check the path')
    if kind in ('npz', 'csv'):
        return _as_asked(read_npz(path) if kind == 'npz' else read_fer_csv(path), path, options)
    size, channels = options.size or DEFAULT_SIZE, options.channels or DEFAULT_CHANNELS
    if kind == 'folder':
        data = read_folders(path, size, channels, options.classes)
    else:
        data = READERS[kind](path, size, channels)
    if np.median(data.pictures.sides()) > MUCH_LARGER * size:
        told = photograph_warning(data)
        if told:
            print(f'warning: {path}: {told}', file=sys.stderr)
    return data


def _as_asked(data: Dataset, path: Path, options: DataOptions) -> Dataset:
    """Return the data in the requested size and channels.

    Raises DataError if colour is requested of gray pictures.
    """
    pictures = data.pictures
    if options.channels == 'rgb' and data.channels == 'gray':
        raise DataError(f'{path} has gray pictures: remove --channels rgb')
    if options.channels == 'gray' and data.channels == 'rgb':
        pictures = GrayPictures(pictures)
    if options.size not in (None, data.size):
        pictures = ResizedPictures(pictures, options.size)
    return replace(data, pictures=pictures)


def _kind_of(source: str) -> tuple[str, Path]:
    """Return the kind and the path of a source."""
    kind, _, rest = source.partition(':')
    kind = EARLIER_KINDS.get(kind, kind)
    if rest and kind in KINDS:
        return kind, Path(rest)
    path = Path(source)
    if os.path.isdir(path):
        return 'folder', path
    by_suffix = {'.npz': 'npz', '.csv': 'csv', '.mat': 'imdb'}
    if path.suffix.lower() not in by_suffix:
        if not os.path.exists(path) and not (rest and os.path.exists(rest)):
            raise DataError(f'{path} does not exist: check the path')
        raise DataError(
            f'{source} is none of the known kinds of data ({", ".join(KINDS)}): copy the pictures '
            'into one folder for each class, or write an .npz'
        )
    return by_suffix[path.suffix.lower()], path

"""Reader of fer2013.csv and icml_face_data.csv: one row of pixels per picture."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from training.data.dataset import TRAIN, Dataset, make_dataset
from training.data.labels import EXPRESSIONS
from training.data.text_files import open_text
from training.errors import DataError

#: Value of `Usage` to split.
SPLITS = {'training': TRAIN, 'publictest': 'public', 'privatetest': 'private'}


def read_fer_csv(path: Path) -> Dataset:
    """Read the columns emotion, pixels and Usage, in any order, with or without spaces in names.

    A truncated row, or one with invalid pixels, is skipped and listed.

    Raises:
        DataError: The file cannot be read, lacks a column, or has an unknown emotion or usage.
    """
    rows: list[_Row] = []
    skipped: list[str] = []
    csv.field_size_limit(1 << 20)
    try:
        with open_text(path) as file:
            lines = _Lines(file)
            reader = csv.reader(lines)
            header = _header(path, next(reader, []))
            for number, values in enumerate(reader):
                name = f'{path.name}[{number}]'
                try:
                    rows.append(_read_row(header, values, name, f'{path}, row {number}'))
                except ValueError as error:
                    skipped.append(f'{name}: {error}')
                except DataError as error:
                    if not lines.cut_off:
                        raise
                    skipped.append(f'{name}: the file is truncated here: {error}')
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f'{path} cannot be read: {error}') from error
    if not rows:
        raise DataError(f'{path} has no usable row: check that it is a FER2013 table')
    size = rows[0].image.size
    for row in rows:
        if row.image.size != size:
            raise DataError(
                f'{path} has pictures of several sizes: {row.name} has {row.image.size} pixels, '
                f'{rows[0].name} has {size}: remove the rows of another size'
            )
    return make_dataset(
        np.stack([row.image for row in rows]),
        [row.label for row in rows],
        EXPRESSIONS,
        [row.split for row in rows],
        names=[row.name for row in rows],
        skipped=skipped,
    )


@dataclass(frozen=True)
class _Row:
    """A picture of the table."""

    image: NDArray[np.uint8]
    label: int
    split: str
    name: str


def _header(path: Path, first: Sequence[str]) -> list[str]:
    """Return the names of the columns. Raises DataError if a necessary one is missing."""
    header = [name.strip().lower() for name in first]
    missing = {'emotion', 'pixels'} - set(header)
    if missing:
        remedy = (
            'separate the columns by commas'
            if len(header) < 2
            else 'pass the votes of FER+ with --ferplus'
            if 'contempt' in header
            else 'add them, or copy the pictures of a table into one folder for each class'
        )
        raise DataError(
            f'{path} lacks the columns {", ".join(sorted(missing))} of FER2013; its first row is '
            f'{", ".join(header)[:80]!r}: {remedy}'
        )
    return header


def _read_row(header: Sequence[str], values: Sequence[str], name: str, where: str) -> _Row:
    """Return a row. Raises ValueError if it is truncated, and DataError for unknown values."""
    row = _whole_row(header, values)
    return _Row(
        _parse_pixels(row['pixels']),
        _parse_emotion(row['emotion'], where),
        _parse_usage(row.get('usage', 'Training'), where),
        name,
    )


class _Lines:
    """The lines of a file.

    Attributes:
        cut_off: Whether the last line has no line end.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.cut_off = False

    def __iter__(self) -> Iterator[str]:
        for line in self._file:
            self.cut_off = not line.endswith(('\n', '\r'))
            yield line


def _whole_row(header: Sequence[str], values: Sequence[str]) -> dict[str, str]:
    """Return the values by column. Raises ValueError if a row lacks some."""
    if len(values) < len(header):
        raise ValueError(f'the row is truncated: {len(values)} of {len(header)} columns')
    return dict(zip(header, values, strict=False))


def _parse_pixels(text: str) -> NDArray[np.uint8]:
    try:
        values = np.array(text.split(), dtype=np.int64)
    except OverflowError as error:
        raise ValueError('pixels outside 0..255') from error
    side = math.isqrt(values.size)
    if not values.size or side * side != values.size:
        raise ValueError(f'{values.size} pixels are not a square picture')
    if values.min() < 0 or values.max() > 255:
        raise ValueError('pixels outside 0..255')
    return values.astype(np.uint8).reshape(side, side)


def _parse_emotion(text: str, where: str) -> int:
    if text.strip() not in {str(number) for number in range(len(EXPRESSIONS))}:
        raise DataError(f'unknown emotion {text!r} in {where}; known are 0 to 6')
    return int(text)


def _parse_usage(text: str, where: str) -> str:
    key = text.strip().lower()
    if key not in SPLITS:
        raise DataError(f'unknown usage {text!r} in {where}; known are {", ".join(SPLITS)}')
    return SPLITS[key]

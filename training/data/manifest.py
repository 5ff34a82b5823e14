"""The table of a data set folder: the source of each picture, and the person shown."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from training.data.text_files import open_text
from training.errors import DataError

MANIFEST = 'manifest.csv'
#: Folder of the faces whose label is unknown.
UNSORTED = 'unsorted'


def read_groups(root: Path) -> Callable[[Path], str]:
    """Return a function from a picture to its group; '' if it is unknown.

    Pictures of the same person, or from the same photograph or video, form a group. The table
    root/manifest.csv has the columns `file`, relative to root, and `person` or `source`. `collect`
    writes one with the source. A picture that was moved to another folder is found by its name.

    Raises:
        DataError: The table cannot be read, or lacks these columns.
    """
    path = root / MANIFEST
    if not path.is_file():
        return lambda picture: ''
    try:
        # Names of files that are not UTF-8 are stored as they are.
        with open_text(path, errors='surrogateescape') as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeError, csv.Error) as error:
        raise DataError(f'{path} cannot be read: {error}') from error
    columns = set(rows[0]) if rows else {'file', 'source'}
    if 'file' not in columns or not columns & {'person', 'source'}:
        raise DataError(
            f'{path} needs the columns file, and person or source: add them, or rename the table'
        )
    groups = {
        row['file']: row.get('person') or row.get('source') or ''
        for row in rows
        if row['file']  # An interrupted run can leave an incomplete row.
    }
    names = Counter(Path(file).name for file in groups)
    by_name = {Path(file).name: group for file, group in groups.items()}

    def group_of(picture: Path) -> str:
        own = groups.get(picture.relative_to(root).as_posix())
        if own is None and names[picture.name] == 1:
            return by_name[picture.name]
        return own or ''

    return group_of

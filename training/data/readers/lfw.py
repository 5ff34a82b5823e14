"""Reader of data sets like LFW: a folder per person, and lists of women and men."""

from __future__ import annotations

from pathlib import Path

from training.data.dataset import Dataset, make_dataset
from training.data.picture_files import find_pictures
from training.data.pictures import read_pictures
from training.data.readers.npz import GENDERS
from training.data.text_files import open_text
from training.errors import DataError

#: Name of the list for each of GENDERS, next to the folders of people. A line has a person or a
#: file.
LISTS = (('female_names.txt', 'women.txt'), ('male_names.txt', 'men.txt'))


def read_lfw(root: Path, size: int, channels: str) -> Dataset:
    """Read root/<person>/<file> with the gender of each person. The person is the group.

    People in neither list are skipped and named.

    Args:
        root: Folder of the set, with the lists.
        size: Side in pixels to which pictures are resized.
        channels: 'gray' or 'rgb'.

    Raises:
        DataError: A list is missing.
    """
    gender_of: dict[str, int] = {}
    for gender, names in enumerate(LISTS):
        for person in _read_list(root, names):
            gender_of[person] = gender
    paths = [path for path in find_pictures(root) if path.parent != root]
    known = [path for path in paths if path.parent.name in gender_of]
    strangers = sorted({path.parent.name for path in paths} - set(gender_of))
    pictures, kept, broken = read_pictures(known, size, channels)
    if not len(kept):
        raise DataError(
            f'{root} has no readable picture of a listed person: check the lists and the path'
        )
    good = [known[index] for index in kept]
    return make_dataset(
        pictures,
        [gender_of[path.parent.name] for path in good],
        GENDERS,
        groups=[path.parent.name for path in good],
        names=[str(path.relative_to(root)) for path in good],
        skipped=[*(f'{person}: in neither list of genders' for person in strangers), *broken],
    )


def _read_list(root: Path, names: tuple[str, ...]) -> set[str]:
    """Return the people of the first existing list. A file name counts for its person."""
    for name in names:
        if (root / name).is_file():
            try:
                with open_text(root / name) as file:
                    lines = file.read().split()
            except (OSError, UnicodeDecodeError) as error:
                raise DataError(f'{root / name} cannot be read: {error}') from error
            return {_person(line) for line in lines}
    raise DataError(f'{root} lacks {" or ".join(names)}, one of the two lists of people by gender')


def _person(entry: str) -> str:
    """Return 'First_Last' of 'First_Last_0001.jpg' or of 'First_Last'."""
    stem = entry.rsplit('.', 1)[0] if '.' in entry[-5:] else entry
    head, _, tail = stem.rpartition('_')
    return head if tail.isdigit() else stem

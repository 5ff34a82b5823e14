"""Reader of KDEF (Lundqvist et al. 1998), by file names such as AF01ANS.JPG."""

from __future__ import annotations

import re
from pathlib import Path

from training.data.dataset import Dataset, make_dataset
from training.data.labels import canonical_label, in_our_order
from training.data.picture_files import find_pictures
from training.data.pictures import read_pictures
from training.errors import DataError

#: Session, sex and number of the person, expression, angle.
NAME = re.compile(r'([AB])([FM])(\d\d)(AF|AN|DI|HA|NE|SA|SU)(FL|HL|S|HR|FR)', re.IGNORECASE)
#: Angles that are read by default: straight and half profiles.
ANGLES = ('S', 'HL', 'HR')


def read_kdef(root: Path, size: int, channels: str, angles: tuple[str, ...] = ANGLES) -> Dataset:
    """Read all pictures below a folder. The person is the group.

    A file with another form of name is skipped and listed.

    Args:
        root: Folder of the set.
        size: Side in pixels to which pictures are resized.
        channels: 'gray' or 'rgb'.
        angles: Codes of the angles to read.

    Raises:
        DataError: No file has such a name.
    """
    found, unnamed = [], []
    for path in find_pictures(root):
        match = NAME.fullmatch(path.stem)
        if not match:
            unnamed.append(f'{path}: the name is not a KDEF name such as AF01ANS.JPG')
        elif match.group(5).upper() in angles:
            label = canonical_label(match.group(4))
            found.append((path, label, f'{match.group(2)}{match.group(3)}'.upper()))
    pictures, kept, broken = read_pictures([path for path, _, _ in found], size, channels)
    if not len(kept):
        raise DataError(f'{root} has no picture named like AF01ANS.JPG')
    good = [found[index] for index in kept]
    classes = in_our_order({label for _, label, _ in good})
    return make_dataset(
        pictures,
        [classes.index(label) for _, label, _ in good],
        classes,
        groups=[person for _, _, person in good],
        names=[path.name for path, _, _ in good],
        skipped=[*unnamed, *broken],
    )

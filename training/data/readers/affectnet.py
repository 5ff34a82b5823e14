"""Reader of AffectNet (Mollahosseini et al. 2017) as pictures with one annotation file each."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from training.data.dataset import Dataset, make_dataset
from training.data.labels import in_our_order
from training.data.picture_files import find_pictures
from training.data.pictures import read_pictures
from training.data.readers.folders import folders_by_split
from training.errors import DataError

#: Names of the folders with the pictures and the annotations.
IMAGES, ANNOTATIONS = 'images', 'annotations'
#: The expressions in the order of the numbers of the data set. Higher numbers are not expressions.
CODES = ('neutral', 'happy', 'sad', 'surprise', 'fear', 'disgust', 'angry', 'contempt')


def read_affectnet(root: Path, size: int, channels: str) -> Dataset:
    """Read images/<number>.jpg with the expression in annotations/<number>_exp.npy.

    The two folders are in `root`, or in folders of splits such as train_set/ and val_set/. A
    picture without a readable annotation, or without an expression, is skipped and listed.

    Args:
        root: Folder of the set.
        size: Side in pixels to which pictures are resized.
        channels: 'gray' or 'rgb'.

    Raises:
        DataError: The folders are missing, or no picture has an expression.
    """
    found: list[tuple[Path, str, str]] = []
    skipped: list[str] = []
    for split, folder in folders_by_split(root):
        if folder.name != IMAGES:
            continue
        for path in find_pictures(folder):
            annotation = folder.parent / ANNOTATIONS / f'{path.stem}_exp.npy'
            try:
                found.append((path, _read_expression(annotation), split))
            except DataError as error:
                skipped.append(f'{path}: {error}')
    pictures, kept, broken = read_pictures([path for path, _, _ in found], size, channels)
    skipped += broken
    if not len(kept):
        raise DataError(
            f'{root} has no picture {IMAGES}/NAME.jpg with an expression in '
            f'{ANNOTATIONS}/NAME_exp.npy: check the path'
            + (f' (the first fault: {skipped[0]})' if skipped else '')
        )
    good = [found[index] for index in kept]
    classes = in_our_order({label for _, label, _ in good})
    return make_dataset(
        pictures,
        [classes.index(label) for _, label, _ in good],
        classes,
        [split for _, _, split in good],
        names=[str(path.relative_to(root)) for path, _, _ in good],
        skipped=skipped,
    )


def _read_expression(path: Path) -> str:
    """Return the expression in a file. Raises DataError if it has none."""
    try:
        code = int(np.load(path, allow_pickle=False).item())
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f'{path.name} cannot be read: {error}') from error
    if not 0 <= code < len(CODES):
        raise DataError(f'{path.name} has {code}, which is not an expression')
    return CODES[code]

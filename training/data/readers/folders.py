"""Reader of one folder per class, with or without a folder per split above it, such as CK+48."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from training.data.dataset import DEVELOPMENT, TRAIN, Dataset, make_dataset
from training.data.labels import SPELLINGS, canonical_label, composed, in_our_order
from training.data.manifest import MANIFEST, UNSORTED, read_groups
from training.data.picture_files import find_pictures, is_picture
from training.data.pictures import MEMORY_LIMIT, read_pictures
from training.data.readers import kdef
from training.errors import DataError

#: Names of folders that are splits, not classes, without punctuation and a final 'set'.
SPLIT_FOLDERS = {
    'train': TRAIN, 'training': TRAIN,
    'val': DEVELOPMENT, 'valid': DEVELOPMENT, 'validation': DEVELOPMENT,
    'dev': DEVELOPMENT, 'development': DEVELOPMENT,
    'test': 'test', 'testing': 'test', 'public': 'public', 'publictest': 'public',
    'private': 'private', 'privatetest': 'private',
}  # fmt: skip

CK48_NAME = re.compile(r'(S\d+)_\d+_\d+')


def read_folders(
    root: Path,
    size: int,
    channels: str,
    classes: Sequence[str] | None = None,
    memory_limit: int = MEMORY_LIMIT,
) -> Dataset:
    """Read root/<class>/... or root/<split>/<class>/..., with common spellings of expressions.

    The group of a picture is its person or source in root/manifest.csv (manifest.read_groups).
    Without this table, it is the subject in a name of CK+48 (S<subject>_<session>_<frame>.png).

    Args:
        root: Folder of the set.
        size: Side in pixels to which pictures are resized.
        channels: 'gray' or 'rgb'.
        classes: The names of the folders in the wanted order, if the classes are not expressions;
            'folder=class' gives a class another name than its folder.
        memory_limit: Size in bytes above which pictures stay in their files.

    Raises:
        DataError: A folder is not a class, or has no pictures.
    """
    class_of = None if classes is None else _class_names(classes)
    found: list[tuple[Path, str, str]] = []
    skipped = [f'{path}: the picture is in no class folder' for path in _outside_classes(root)]
    folders = folders_by_split(root)
    unsorted = UNSORTED not in (class_of or ())
    labels = _labels_of([f for _, f in folders if not unsorted or f.name != UNSORTED], class_of)
    for split, folder in folders:
        pictures = find_pictures(folder)
        if folder not in labels:
            skipped.append(f'{folder}: {len(pictures)} pictures without a label')
            continue
        if not pictures:
            raise DataError(f'{folder} has no pictures: add some, or remove the folder')
        found += [(path, labels[folder], split) for path in pictures]
    ordered = None if class_of is None else list(dict.fromkeys(class_of.values()))
    group_of = _groups_of(root, [path for path, _, _ in found])
    data = _read(root, found, size, channels, ordered, group_of, memory_limit)
    return replace(data, skipped=(*skipped, *data.skipped))


def _groups_of(root: Path, pictures: Sequence[Path]) -> Callable[[Path], str]:
    """Return a function from a picture to its group. Print how many the table does not name."""
    if not (root / MANIFEST).is_file():
        return _ck48_subject
    group_of = read_groups(root)
    alone = sum(not group_of(path) for path in pictures)
    if alone:
        print(
            f'warning: {root / MANIFEST} names no person or source for {alone} of '
            f'{len(pictures)} pictures: check its column file',
            file=sys.stderr,
        )
    return group_of


def _ck48_subject(path: Path) -> str:
    """Return the subject of a picture with a name of CK+48; '' for other names."""
    match = CK48_NAME.match(path.stem)
    return match.group(1) if match else ''


def folders_by_split(root: Path) -> list[tuple[str, Path]]:
    """Return (split, folder) pairs for the folders of all splits, or of the set itself.

    Raises DataError if there are none.
    """
    if not root.is_dir():
        raise DataError(f'{root} is not a folder')
    pairs = []
    for folder in _folders_in(root):
        split = _split_of(folder)
        if split:
            pairs += [(split, inner) for inner in _folders_in(folder)]
        else:
            pairs.append((TRAIN, folder))
    if not pairs:
        raise DataError(f'{root} has no folders: create one folder with pictures for each class')
    return pairs


def _outside_classes(root: Path) -> list[Path]:
    """Return the pictures directly in the folder of the set or of a split."""
    splits = [folder for folder in _folders_in(root) if _split_of(folder)]
    return sorted(
        path for folder in (root, *splits) for path in _listed(folder) if is_picture(path)
    )


def _split_of(folder: Path) -> str:
    """Return the split of a folder such as 'train', 'Test_Set' or 'PublicTest'; '' otherwise."""
    letters = ''.join(character for character in folder.name.lower() if character.isalpha())
    return SPLIT_FOLDERS.get(letters.removesuffix('set'), '')


def _folders_in(folder: Path) -> list[Path]:
    return sorted(p for p in _listed(folder) if p.is_dir() and not p.name.startswith('.'))


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError as error:
        raise DataError(
            f'{folder} cannot be listed ({error.strerror}): check its permissions'
        ) from error


def _class_names(classes: Sequence[str]) -> dict[str, str]:
    """Return the class of each folder, from 'folder' or 'folder=class'."""
    class_of = {}
    for entry in classes:
        folder, _, name = composed(entry).partition('=')
        class_of[folder] = name or folder
    return class_of


def _labels_of(folders: Sequence[Path], class_of: Mapping[str, str] | None) -> dict[Path, str]:
    """Return the class of each folder.

    Raises DataError with all unknown folders, and the option that gives them a class.
    """
    if class_of is None:
        labels = {folder: canonical_label(folder.name) for folder in folders}
        unknown = [folder for folder, label in labels.items() if label not in SPELLINGS]
    else:
        names = {folder: composed(folder.name) for folder in folders}
        unknown = [folder for folder, name in names.items() if name not in class_of]
        labels = {folder: class_of.get(name, '') for folder, name in names.items()}
    if not unknown:
        return labels
    if any(kdef.NAME.fullmatch(path.stem) for path in find_pictures(unknown[0])):
        raise DataError(f'the pictures in {unknown[0]} have names of KDEF: use kdef:FOLDER')
    if {'annotations', 'images'} <= {folder.name for folder in unknown}:
        raise DataError(
            f'{unknown[0].parent} has a folder of annotations, as AffectNet has: use '
            'affectnet:FOLDER'
        )
    told = ', '.join(dict.fromkeys(repr(folder.name) for folder in unknown))
    if not any(is_picture(path) for folder in unknown for path in _listed(folder)):
        raise DataError(
            f'unknown label {told} in {unknown[0].parent}: no picture is directly in such a '
            'folder: name the folder that contains the class folders with --data'
        )
    known = ', '.join(class_of or SPELLINGS)
    every = ' '.join(dict.fromkeys(f'{folder.name}=CLASS' for folder in folders))
    raise DataError(
        f'unknown label {told} in {unknown[0].parent}: '
        + (
            f'--classes names {known}'
            if class_of
            else f'the known labels are {known} and their common spellings'
        )
        + f'. Rename the folders, or name the class of each one: --classes {every}'
    )


def _read(
    root: Path,
    found: list[tuple[Path, str, str]],
    size: int,
    channels: str,
    classes: Sequence[str] | None,
    group_of: Callable[[Path], str],
    memory_limit: int,
) -> Dataset:
    """Read the files and return the data set."""
    pictures, kept, skipped = read_pictures(
        [path for path, _, _ in found], size, channels, memory_limit
    )
    if not len(kept):
        raise DataError(
            f'{root} has no readable picture; the first fault: {(skipped or ["none found"])[0]}'
        )
    labels = {label for _, label, _ in found}
    ordered = list(classes) if classes else in_our_order(labels)
    good = [found[index] for index in kept]
    return make_dataset(
        pictures,
        [ordered.index(label) for _, label, _ in good],
        ordered,
        [split for _, _, split in good],
        [group_of(path) for path, _, _ in good],
        [str(path.relative_to(root)) for path, _, _ in good],
        skipped=skipped,
    )

"""Reader of one folder per class, with or without a folder per split above it, and of CK+48."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from training.data.dataset import DEVELOPMENT, TRAIN, Dataset, make_dataset
from training.data.labels import in_our_order, require_known
from training.data.manifest import UNSORTED, read_groups
from training.data.picture_files import find_pictures, is_picture
from training.data.pictures import MEMORY_LIMIT, read_pictures
from training.errors import DataError

#: Folder names that are splits, not classes.
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
    for split, folder in _class_folders(root):
        pictures = find_pictures(folder)
        if folder.name == UNSORTED and UNSORTED not in (class_of or ()):
            skipped.append(f'{folder}: {len(pictures)} pictures without a label')
            continue
        label = _label_of(folder, class_of)
        if not pictures:
            raise DataError(f'{folder} has no pictures: add some, or remove the folder')
        found += [(path, label, split) for path in pictures]
    ordered = None if class_of is None else list(dict.fromkeys(class_of.values()))
    data = _read(root, found, size, channels, ordered, read_groups(root), memory_limit)
    return replace(data, skipped=(*skipped, *data.skipped))


def read_ck48(root: Path, size: int, channels: str) -> Dataset:
    """Read CK+48: a folder per class, files S<subject>_<session>_<frame>.png; subject = group."""
    found = [
        (path, require_known(folder.name, str(root)), split)
        for split, folder in _class_folders(root)
        for path in find_pictures(folder)
    ]
    return _read(root, found, size, channels, None, _ck48_subject, MEMORY_LIMIT)


def _ck48_subject(path: Path) -> str:
    match = CK48_NAME.match(path.stem)
    if not match:
        raise DataError(f'{path}: the name is not a CK+48 name such as S010_004_00000017.png')
    return match.group(1)


def _class_folders(root: Path) -> list[tuple[str, Path]]:
    """Return (split, class folder) pairs. Raises DataError if there are none."""
    if not root.is_dir():
        raise DataError(f'{root} is not a folder')
    pairs = []
    for folder in _folders_in(root):
        if folder.name.lower() in SPLIT_FOLDERS:
            split = SPLIT_FOLDERS[folder.name.lower()]
            pairs += [(split, inner) for inner in _folders_in(folder)]
        else:
            pairs.append((TRAIN, folder))
    if not pairs:
        raise DataError(f'{root} has no folders: create one folder with pictures for each class')
    return pairs


def _outside_classes(root: Path) -> list[Path]:
    """Return the pictures directly in the folder of the set or of a split."""
    splits = [folder for folder in _folders_in(root) if folder.name.lower() in SPLIT_FOLDERS]
    return sorted(
        path for folder in (root, *splits) for path in folder.iterdir() if is_picture(path)
    )


def _folders_in(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith('.'))


def _class_names(classes: Sequence[str]) -> dict[str, str]:
    """Return the class of each folder, from 'folder' or 'folder=class'."""
    class_of = {}
    for entry in classes:
        folder, _, name = entry.partition('=')
        class_of[folder] = name or folder
    return class_of


def _label_of(folder: Path, class_of: Mapping[str, str] | None) -> str:
    if class_of is None:
        return require_known(folder.name, str(folder.parent))
    if folder.name not in class_of:
        raise DataError(
            f'unknown label {folder.name!r} in {folder.parent}; --classes names '
            f'{", ".join(class_of)}'
        )
    return class_of[folder.name]


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

"""Find copies of the same picture: identical ones, and recropped, rescaled or watermarked ones."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.base.files import CACHES, keep_for_next_time
from training.data.near_copies import find_near_copies
from training.data.pictures import Pictures

#: Near copies of large sets take minutes to find; the result is kept here by content.
CACHE = CACHES / 'copies_and_mirrors'


@dataclass(frozen=True)
class Copies:
    """Which pictures of a set show the same photograph.

    Attributes:
        exact: (N,) the index of the first of all identical pictures, its own where it is alone.
        groups: (N,) the same for identical and near copies together; equal to exact where near
            copies were not looked for.
        pairs: (P, 2) near copies found, indices of pictures.
        scores: (P,) their likeness in [0, 1].
    """

    exact: NDArray[np.int64]
    groups: NDArray[np.int64]
    pairs: NDArray[np.int64]
    scores: NDArray[np.float32]


def find_copies(pictures: Pictures, near: bool = True) -> Copies:
    """Find all copies within a set; near ones only when asked for."""
    exact = exact_groups(pictures)
    if not near:
        return Copies(exact, exact, np.empty((0, 2), np.int64), np.empty(0, np.float32))
    pairs, scores = _cached_near_copies(pictures, exact)
    return Copies(exact, join_groups(exact, pairs), pairs, scores)


def exact_groups(pictures: Pictures) -> NDArray[np.int64]:
    """Return for each picture the index of the first that is identical, (N,)."""
    first: dict[bytes, int] = {}
    groups = np.empty(len(pictures), dtype=np.int64)
    images = (image for chunk in pictures.chunks() for image in chunk)
    for index, image in enumerate(images):
        groups[index] = first.setdefault(hashlib.sha1(image.tobytes()).digest(), index)
    return groups


def join_groups(groups: NDArray[np.int64], pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the groups, named by their first index, after joining those that pairs connect."""
    parent = groups.copy()

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = int(parent[index])
        return index

    for left, right in pairs:
        low, high = sorted((root(int(left)), root(int(right))))
        parent[high] = low
    return np.array([root(index) for index in range(len(parent))], dtype=np.int64)


def _cached_near_copies(
    pictures: Pictures, exact: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    path = CACHE / f'{pictures.digest()}.npz'
    if path.exists():
        with np.load(path, allow_pickle=False) as archive:
            return archive['pairs'], archive['scores']
    only_one_of_each = np.flatnonzero(exact == np.arange(len(exact)))
    pairs, scores = find_near_copies(pictures.subset(only_one_of_each))
    pairs = only_one_of_each[pairs]
    keep_for_next_time(path, pairs=pairs, scores=scores)
    return pairs, scores

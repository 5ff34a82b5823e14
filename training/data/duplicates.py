"""Search for copies of the same picture: identical, recropped, rescaled or watermarked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.base.files import CACHES, keep_for_next_time
from training.data.near_copies import find_near_copies
from training.data.pictures import Pictures, ResizedPictures

#: Cache for near copies, by content. The search in large sets takes minutes.
CACHE = CACHES / 'copies_and_mirrors'
#: Number of pictures above which the search for near copies can take hours.
MANY = 50_000


@dataclass(frozen=True)
class Copies:
    """The pictures of a set that show the same photograph.

    Attributes:
        exact: (N,) the index of the first identical picture, or its own index.
        groups: (N,) the same for identical and near copies together; equal to exact if near copies
            were not searched.
        pairs: (P, 2) indices of near copies.
        scores: (P,) their likeness in [0, 1].
        near: Whether near copies were searched.
    """

    exact: NDArray[np.int64]
    groups: NDArray[np.int64]
    pairs: NDArray[np.int64]
    scores: NDArray[np.float32]
    near: bool = True


def find_copies(pictures: Pictures, near: bool = True) -> Copies:
    """Find all copies within a set. Near copies are found only on request."""
    exact = exact_groups(pictures)
    if not near:
        return Copies(exact, exact, np.empty((0, 2), np.int64), np.empty(0, np.float32), False)
    pairs, scores = _cached_near_copies(pictures, exact)
    return Copies(exact, join_groups(exact, pairs), pairs, scores)


def exact_groups(pictures: Pictures) -> NDArray[np.int64]:
    """Return the index of the first identical picture for each picture, (N,)."""
    first: dict[bytes, int] = {}
    groups = np.empty(len(pictures), dtype=np.int64)
    images = (image for chunk in pictures.chunks() for image in chunk)
    for index, image in enumerate(images):
        groups[index] = first.setdefault(hashlib.sha1(image.tobytes()).digest(), index)
    return groups


def join_groups(groups: NDArray[np.int64], pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the groups, named by their first index, after joining connected ones."""
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
    if isinstance(pictures, ResizedPictures):
        pictures = pictures.source  # The search always uses the same size.
    path = CACHE / f'{pictures.digest()}.npz'
    if path.exists():
        with np.load(path, allow_pickle=False) as archive:
            return archive['pairs'], archive['scores']
    only_one_of_each = np.flatnonzero(exact == np.arange(len(exact)))
    if len(only_one_of_each) > MANY:
        print(
            f'the search for near copies compares all {len(only_one_of_each)} pictures with each '
            'other and can take hours: --copies exact of train and --no-near of inspect skip it'
        )
    pairs, scores = find_near_copies(pictures.subset(only_one_of_each))
    pairs = only_one_of_each[pairs]
    keep_for_next_time(path, pairs=pairs, scores=scores)
    return pairs, scores

"""Splitting of data by class and group, so that no person or picture is on both sides."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def stratified_group_split(
    labels: NDArray[np.int64], groups: NDArray[np.int64], fraction: float, seed: int
) -> NDArray[np.bool_]:
    """Select about a fraction of the pictures of each class, without dividing groups.

    Groups are visited in random order. A group is selected while its class (the most frequent one
    in the group) still needs pictures.

    Args:
        labels: (N,).
        groups: (N,), equal for pictures that belong together.
        fraction: [0, 1].
        seed: of the order.

    Returns:
        (N,), True for the selected pictures.
    """
    classes = int(labels.max()) + 1 if len(labels) else 0
    wanted = np.bincount(labels, minlength=classes) * fraction
    _, index = np.unique(groups, return_inverse=True)
    content = np.zeros((int(index.max(initial=-1)) + 1, classes), dtype=np.int64)
    np.add.at(content, (index, labels), 1)
    chosen = np.zeros(len(content), dtype=bool)
    taken = np.zeros(classes)
    for group in np.random.default_rng(seed).permutation(len(content)):
        main_class = int(content[group].argmax())
        if taken[main_class] + content[group, main_class] / 2 <= wanted[main_class]:
            chosen[group] = True
            taken += content[group]
    return chosen[index]

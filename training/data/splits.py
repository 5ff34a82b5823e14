"""Splitting of data by class and group, so that no person or picture is on both sides."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def stratified_group_split(
    labels: NDArray[np.int64],
    groups: NDArray[np.int64],
    fraction: float,
    seed: int,
    each_class: bool = False,
) -> NDArray[np.bool_]:
    """Select about a fraction of the pictures of each class, without dividing groups.

    Groups are visited in random order. A group is selected while its class (the most frequent one
    in the group) still needs pictures.

    Args:
        labels: (N,).
        groups: (N,), equal for pictures that belong together.
        fraction: [0, 1].
        seed: Seed of the order.
        each_class: Select at least one group of each class that has several.

    Returns:
        (N,), True for the selected pictures.
    """
    if not len(labels):
        return np.zeros(0, dtype=bool)
    classes = int(labels.max()) + 1
    wanted = np.bincount(labels, minlength=classes) * fraction
    _, index = np.unique(groups, return_inverse=True)
    content = np.zeros((int(index.max()) + 1, classes), dtype=np.int64)
    np.add.at(content, (index, labels), 1)
    chosen = np.zeros(len(content), dtype=bool)
    taken = np.zeros(classes)
    main_classes = content.argmax(axis=1)
    order = np.random.default_rng(seed).permutation(len(content))
    for group in order:
        main_class = main_classes[group]
        if taken[main_class] + content[group, main_class] / 2 <= wanted[main_class]:
            chosen[group] = True
            taken += content[group]
    if each_class:
        for missing in np.flatnonzero(taken == 0):
            own = order[main_classes[order] == missing]
            chosen[own[:1]] = len(own) > 1
    return chosen[index]

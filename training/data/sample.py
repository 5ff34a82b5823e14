"""A random part of a data set, for figures that take long."""

from __future__ import annotations

import numpy as np

from training.data.dataset import Dataset


def take_sample(data: Dataset, count: int, seed: int) -> Dataset:
    """Return a random part of a data set, the same for the same seed.

    Args:
        data: N pictures.
        count: pictures to take; all where it is 0, or N or more.
        seed: of the choice.

    Returns:
        The chosen pictures in their order.
    """
    if not 0 < count < len(data):
        return data
    chosen = np.random.default_rng(seed).permutation(len(data))[:count]
    return data.subset(np.sort(chosen))

"""A random sample of a data set, for measurements that take long."""

from __future__ import annotations

import numpy as np

from training.data.dataset import Dataset


def take_sample(data: Dataset, count: int, seed: int) -> Dataset:
    """Return a random sample of a data set. The same seed gives the same sample.

    Args:
        data: N pictures.
        count: Number of pictures; 0, or N or more, returns all.
        seed: Seed of the sample.

    Returns:
        The selected pictures in their order.
    """
    if not 0 < count < len(data):
        return data
    chosen = np.random.default_rng(seed).permutation(len(data))[:count]
    return data.subset(np.sort(chosen))

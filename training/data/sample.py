"""Random samples of a data set, for measurements."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.models import Normalisation
from training.data.dataset import Dataset
from training.data.normalisation import PIXELS, normalise

#: Number of pictures that show the values in a network.
REPRESENTATIVE = 256


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


def representative_inputs(
    data: Dataset, normalisation: Normalisation = PIXELS
) -> NDArray[np.float32]:
    """Return (N, H, W, C) network input of a sample, to measure the values in a network."""
    pictures = take_sample(data, REPRESENTATIVE, 0).pictures.load(slice(None))
    return normalise(pictures, normalisation.mean, normalisation.scale)

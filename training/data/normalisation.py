"""Pixels as the networks of the zoo take them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.models import Normalisation

#: x = (pixel - mean) * scale: pixels to [-1, 1].
PIXEL_MEAN = 127.5
PIXEL_SCALE = 1 / 127.5
PIXELS = Normalisation(PIXEL_MEAN, PIXEL_SCALE)


def normalise(
    images: NDArray[np.uint8], mean: float = PIXEL_MEAN, scale: float = PIXEL_SCALE
) -> NDArray[np.float32]:
    """Turn (N, H, W[, 3]) uint8 pictures into (N, H, W, C) float32 network input."""
    pixels = images if images.ndim == 4 else images[..., None]
    inputs: NDArray[np.float32] = pixels.astype(np.float32)
    inputs -= np.float32(mean)
    inputs *= np.float32(scale)
    return inputs

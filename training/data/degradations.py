"""Degradations by cameras, with a strength. Augmentation and evaluation use them.

All functions take and return (H, W) or (H, W, 3) uint8 pictures.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]


def blur(image: Picture, sigma: float) -> Picture:
    """Blur the picture with a Gaussian; sigma in pixels, above 0."""
    return cv2.GaussianBlur(image, (0, 0), sigma).astype(np.uint8, copy=False)


def noise(image: Picture, deviation: float, rng: np.random.Generator) -> Picture:
    """Add independent noise to each value; its standard deviation is in gray levels."""
    grain = rng.standard_normal(image.shape, dtype=np.float32)
    grainy: Picture = np.clip(np.rint(image + deviation * grain), 0, 255).astype(np.uint8)
    return grainy


def low_resolution(image: Picture, side: int) -> Picture:
    """Reduce the picture to `side` pixels in width, and enlarge it to its old size."""
    height, width = image.shape[:2]
    small_size = (side, max(side * height // width, 1))
    small = cv2.resize(image, small_size, interpolation=cv2.INTER_AREA)
    large = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    return large.astype(np.uint8, copy=False)


def jpeg(image: Picture, quality: int) -> Picture:
    """Compress and decompress as JPEG; quality 1 to 100."""
    _, data = cv2.imencode('.jpg', image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    flag = cv2.IMREAD_COLOR if image.ndim == 3 else cv2.IMREAD_GRAYSCALE
    return np.asarray(cv2.imdecode(data, flag), np.uint8)


def gamma(image: Picture, exponent: float) -> Picture:
    """Apply gamma correction: above 1 darkens, below 1 brightens."""
    tones = np.rint(255 * (np.arange(256) / 255) ** exponent).astype(np.uint8)
    bent: Picture = tones[image]
    return bent

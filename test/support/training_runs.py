"""Pictures whose class can be learned in seconds, and the train command on small data."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from training.__main__ import main
from training.base.backend import choose_backend

SIDE = 48

#: Options of a small run, unless a test gives another value.
SMALL = {
    '--model': 'tiny_xception',
    '--epochs': '1',
    '--batch-size': '16',
    '--development': '0.2',
    '--copies': 'exact',
}


#: Of the run that tests share.
EPOCHS = 10
OPTIONS = ('--epochs', str(EPOCHS), '--rate', '0.03', '--ema', '0.8')


def make_images(count: int, classes: int, seed: int = 0, side: int = SIDE) -> NDArray[np.uint8]:
    """Return (count, side, side) pictures; picture i shows class i % classes, with noise."""
    rng = np.random.default_rng(seed)
    patterns = np.random.default_rng(1).integers(40, 216, (classes, 6, 6)).astype(np.uint8)
    large = [cv2.resize(p, (side, side), interpolation=cv2.INTER_CUBIC) for p in patterns]
    noise = rng.integers(-25, 26, (count, side, side))
    images = np.stack([large[i % classes] for i in range(count)]).astype(int) + noise
    return np.clip(images, 0, 255).astype(np.uint8)


def train(data: Path, run: Path, *options: str, expect: int = 0) -> None:
    """Run the train command on small data, and check the status that it returns.

    tiny_xception then has one module instead of four. TensorFlow traces all of them in each run,
    which takes longer than training.
    """
    choose_backend()
    # Keras reads its backend when it is imported.
    from training.zoo import tiny_xception

    tiny_xception.MODULE_FILTERS = (16,)
    arguments = ['train', '--data', str(data), '--out', str(run), *options]
    for name, value in SMALL.items():
        if name not in options:
            arguments += [name, value]
    assert main(arguments) == expect

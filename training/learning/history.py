"""The figures of the epochs of a run, and the choice of the best epoch."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from training.base.files import writing

#: Prefix of the names of figures on development data.
DEVELOPMENT_PREFIX = 'development_'

Row = Mapping[str, float]


def merit(figures: Row, prefix: str = '') -> tuple[float, float]:
    """Return the sort key of an epoch: high accuracy, then a low loss."""
    loss = figures.get(f'{prefix}loss', math.inf)
    return figures.get(f'{prefix}accuracy', 0.0), -loss if math.isfinite(loss) else -math.inf


def epoch_to_keep(history: Sequence[Row], last: bool = False) -> int:
    """Return the index of the epoch to keep.

    It is the first of the best on development data. Without such data, or with `last`, it is the
    last one.
    """
    if last or f'{DEVELOPMENT_PREFIX}accuracy' not in history[-1]:
        return len(history) - 1
    merits = [merit(row, DEVELOPMENT_PREFIX) for row in history]
    return merits.index(max(merits))


def summary(history: Sequence[Row], keep_last: bool = False) -> dict[str, float]:
    """Return the figures of the selected epoch, and the number of epochs."""
    kept = history[epoch_to_keep(history, keep_last)]
    return {'epochs': len(history), 'kept_epoch': kept['epoch']} | {
        name: value for name, value in kept.items() if name not in ('epoch', 'seconds', 'rate')
    }


def write_log(path: Path, history: list[dict[str, float]]) -> None:
    """Write one CSV line per epoch."""
    with writing(path), path.open('w', newline='') as file:
        writer = csv.DictWriter(file, list(history[-1]))
        writer.writeheader()
        writer.writerows(history)

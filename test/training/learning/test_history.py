"""Which epoch of a run is better."""

from __future__ import annotations

import math

from training.learning.history import epoch_to_keep, summary


def _rows(*figures: tuple[float, float]) -> list[dict[str, float]]:
    return [
        {'epoch': number, 'development_accuracy': accuracy, 'development_loss': loss}
        for number, (accuracy, loss) in enumerate(figures, 1)
    ]


def test_the_epoch_to_keep_has_the_highest_accuracy_then_the_lowest_loss() -> None:
    assert epoch_to_keep(_rows((0.5, 1.0), (0.7, 2.0), (0.6, 0.1))) == 1
    assert epoch_to_keep(_rows((0.7, 2.0), (0.7, 1.0), (0.7, 1.0))) == 1
    assert epoch_to_keep(_rows((0.7, math.nan), (0.7, 3.0))) == 1


def test_without_development_data_the_last_epoch_is_the_best() -> None:
    history = [
        {'epoch': 1, 'loss': 0.1, 'seconds': 1.0},
        {'epoch': 2, 'loss': 0.2, 'seconds': 2.0},
    ]
    assert epoch_to_keep(history) == 1
    assert summary(history) == {'epochs': 2, 'kept_epoch': 2, 'loss': 0.2}


def test_keep_last_keeps_the_last_epoch_although_another_is_better() -> None:
    rows = _rows((0.7, 1.0), (0.6, 2.0))
    assert epoch_to_keep(rows, last=True) == 1
    assert summary(rows, keep_last=True)['kept_epoch'] == 2

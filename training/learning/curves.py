"""The plot of a run, which is updated during the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from training.base.files import writing
from training.learning.history import DEVELOPMENT_PREFIX


def draw_curves(history: Sequence[Mapping[str, float]], path: Path) -> None:
    """Write loss, accuracy and rate over the epochs as a picture."""
    figure = Figure(figsize=(12, 3.5), layout='constrained')
    epochs = [row['epoch'] for row in history]
    for axes, name in zip(figure.subplots(1, 3), ('loss', 'accuracy', 'rate'), strict=True):
        for key, label in ((name, 'training'), (f'{DEVELOPMENT_PREFIX}{name}', 'development')):
            if key in history[-1]:
                axes.plot(epochs, [row[key] for row in history], '.-', label=label)
        axes.set_xlabel('epoch')
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_title('learning rate' if name == 'rate' else name)
        axes.grid(alpha=0.3)
        if name != 'rate':
            axes.legend()
    with writing(path):
        figure.savefig(path, dpi=80)

"""The drawing of an architecture: output size and multiply-adds of each layer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from training.exporting.model_size import layer_rows, multiply_adds
from training.reports.report import save_figure

if TYPE_CHECKING:
    import keras


def draw(network: keras.Model, path: Path) -> None:
    """Draw the output size of each layer and its share of the multiply-adds."""
    rows = [row for row in layer_rows(network) if row[1] != 'InputLayer']
    figure = Figure(figsize=(11, 0.26 * len(rows) + 1), layout='constrained')
    axes = figure.subplots()
    places = np.arange(len(rows))
    axes.barh(places, [row[4] / 1e6 for row in rows], color='#7aa6d8')
    axes.set_yticks(places, [f'{row[1]} {row[2]}' for row in rows], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlabel('million multiply-adds')
    axes.set_title(
        f'{network.name}: {network.count_params():,d} parameters, '
        f'{multiply_adds(network) / 1e6:.1f} million multiply-adds'
    )
    save_figure(figure, path)
    print(f'  drawn: {path}')

"""The plots in reports."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray


def confusion_figure(matrix: NDArray[np.int64], classes: Sequence[str]) -> Figure:
    """Draw counts and shares of each true class side by side."""
    figure = Figure(figsize=(13, 5.5), layout='constrained')
    totals = matrix.sum(axis=1, keepdims=True)
    shares = np.where(totals > 0, matrix / np.maximum(totals, 1), np.nan)
    for axes, values, form, title in zip(
        figure.subplots(1, 2), (matrix, shares), ('d', '.2f'), ('count', 'share'), strict=True
    ):
        axes.imshow(shares, cmap='Blues', vmin=0, vmax=1)
        axes.set_xticks(range(len(classes)), classes, rotation=45, ha='right')
        axes.set_yticks(range(len(classes)), classes)
        axes.set_xlabel('predicted')
        axes.set_ylabel('label')
        axes.set_title(title)
        for (row, column), value in np.ndenumerate(values):
            color = 'white' if shares[row, column] > 0.5 else 'black'
            text = '' if np.isnan(value) else format(value, form)
            axes.text(column, row, text, ha='center', va='center', color=color)
    return figure


def reliability_figure(bins: Mapping[str, Sequence[tuple[float, float, int]]]) -> Figure:
    """Draw accuracy over confidence for each model, and the line where they are equal."""
    figure = Figure(figsize=(5.5, 5), layout='constrained')
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color='gray', linestyle=':')
    for name, rows in bins.items():
        axes.plot([row[0] for row in rows], [row[1] for row in rows], marker='o', label=name)
    axes.set(xlabel='confidence', ylabel='accuracy', xlim=(0, 1), ylim=(-0.03, 1.03))
    axes.grid(alpha=0.3)
    axes.legend()
    return figure


def tradeoff_figure(
    points: Mapping[str, tuple[float, float]], best: Collection[str], time: str
) -> Figure:
    """Draw accuracy over time. A line connects the best.

    Args:
        points: (time, accuracy) by name.
        best: Names.
        time: Label of its axis, which is logarithmic.
    """
    figure = Figure(figsize=(8, 5.5), layout='constrained')
    axes = figure.subplots()
    line = sorted(points[name] for name in best)
    axes.plot(*zip(*line, strict=True), color='gray', linestyle=':')
    middle = np.sqrt(np.prod([f(x for x, _ in points.values()) for f in (min, max)]))
    for name, (x, y) in points.items():
        axes.scatter(x, y, color='C0' if name in best else 'lightgray')
        side, shift = ('left', 6) if x <= middle else ('right', -6)
        axes.annotate(
            name, (x, y), (shift, 5), textcoords='offset points', fontsize=8, ha=side
        )  # fmt: skip
    axes.set(xscale='log', xlabel=time, ylabel='accuracy')
    for ticks in (axes.xaxis.set_major_formatter, axes.xaxis.set_minor_formatter):
        ticks('{x:g}')
    axes.grid(alpha=0.3)
    return figure


def strength_figure(
    accuracies: Mapping[str, Mapping[str, Sequence[float]]], clean: Mapping[str, float]
) -> Figure:
    """Draw accuracy over strength, one small plot for each kind of corruption, a line per model.

    Args:
        accuracies: By model and kind, the mildest first.
        clean: By model, drawn at strength 0.
    """
    kinds = list(next(iter(accuracies.values())))
    columns = 5
    rows = max(-(-len(kinds) // columns), 1)
    figure = Figure(figsize=(13, 2.5 * rows))
    figure.subplots_adjust(0.05, 0.05, 0.99, 0.94, hspace=0.35, wspace=0.12)
    grid = figure.subplots(rows, columns, sharey=True, squeeze=False).ravel()
    for axes, kind in zip(grid, kinds, strict=False):
        for model, values in accuracies.items():
            line = [clean[model], *values[kind]]
            axes.plot(range(len(line)), line, marker='o', markersize=3, label=model)
        axes.set_title(kind, fontsize=9)
        axes.set_xticks(range(len(line)), ['none', 'mild', *[''] * (len(line) - 3), 'strong'])
        axes.tick_params(labelsize=7)
        axes.grid(alpha=0.3)
    for axes in grid[len(kinds) :]:
        axes.axis('off')
    for axes in grid[::columns]:
        axes.set_ylabel('accuracy')
    grid[0].legend(fontsize=7)
    return figure


def sheet_figure(rows: Mapping[str, Sequence[NDArray[np.uint8]]]) -> Figure:
    """Draw pictures of one shape next to each other, a row for each name."""
    sheet = np.concatenate([np.concatenate(list(row), axis=1) for row in rows.values()])
    height = len(sheet) / len(rows)
    left, edge = 0.16, 0.01
    shape = sheet.shape[0] / sheet.shape[1] * (1 - left - edge) / (1 - 2 * edge)
    figure = Figure(figsize=(9, 9 * shape))
    figure.subplots_adjust(left, edge, 1 - edge, 1 - edge)
    axes = figure.subplots()
    axes.imshow(sheet, cmap='gray' if sheet.ndim == 2 else None, vmin=0, vmax=255)
    axes.set_yticks((np.arange(len(rows)) + 0.5) * height, list(rows), fontsize=8)
    axes.set_xticks([])
    return figure


def picture_grid(
    images: NDArray[np.uint8], titles: Sequence[str], columns: int = 8, height: float = 1.5
) -> Figure:
    """Draw pictures (N, H, W[, 3]) in rows, each with its title."""
    rows = max(-(-len(images) // columns), 1)
    figure = Figure(figsize=(columns * 1.4, rows * height), layout='constrained')
    for axes in (grid := np.atleast_1d(figure.subplots(rows, columns)).ravel()):
        axes.axis('off')
    for axes, image, title in zip(grid, images, titles, strict=False):
        axes.imshow(image, cmap='gray' if image.ndim == 2 else None, vmin=0, vmax=255)
        axes.set_title(title, fontsize=8)
    return figure


def bars_figure(counts: Mapping[str, Mapping[str, int]]) -> Figure:
    """Draw counts per class, one colour for each split."""
    figure = Figure(figsize=(9, 4), layout='constrained')
    axes = figure.subplots()
    width = 0.8 / max(len(counts), 1)
    for number, (split, per_class) in enumerate(counts.items()):
        places = np.arange(len(per_class)) + number * width
        axes.bar(places, list(per_class.values()), width, label=split)
        axes.set_xticks(np.arange(len(per_class)) + 0.4 - width / 2, list(per_class))
    axes.set_ylabel('pictures')
    axes.legend()
    return figure


def histogram_figure(values: Mapping[str, NDArray[np.floating]], label: str) -> Figure:
    """Draw the distribution of a value for each class."""
    figure = Figure(figsize=(9, 4), layout='constrained')
    axes = figure.subplots()
    for name, column in values.items():
        axes.hist(column, bins=32, histtype='step', density=True, label=name)
    axes.set(xlabel=label, ylabel='density')
    axes.legend(fontsize=8)
    return figure


def explanation_figure(
    image: NDArray[np.uint8], maps: Mapping[str, NDArray[np.float32]], title: str
) -> Figure:
    """Draw a picture, and the picture with each map (H, W) in [0, 1] over it."""
    figure = Figure(figsize=(3.2 * (len(maps) + 1), 3.6), layout='constrained')
    first, *others = figure.subplots(1, len(maps) + 1)
    gray = 'gray' if image.ndim == 2 else None
    first.imshow(image, cmap=gray, vmin=0, vmax=255)
    first.set_title('picture')
    for axes, (name, values) in zip(others, maps.items(), strict=True):
        axes.imshow(image, cmap=gray, vmin=0, vmax=255)
        axes.imshow(values, cmap='inferno', alpha=0.65, vmin=0, vmax=1)
        axes.set_title(name)
    for axes in (first, *others):
        axes.axis('off')
    figure.suptitle(title)
    return figure

"""The report of `inspect`: counts, samples, brightness, copies, conflicting labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.data.dataset import Dataset
from training.data.duplicates import Copies
from training.data.inspection import conflicting_groups
from training.reports.plots import bars_figure, histogram_figure, picture_grid
from training.reports.report import Report

SAMPLES_EACH = 8
SHOWN_PAIRS = 16
LISTED = 50


def write_report(
    path: Path,
    data: Dataset,
    copies: Copies,
    figures: dict[str, Any],
    mean: NDArray[np.float32],
    deviation: NDArray[np.float32],
) -> None:
    """Write the report with plots and pictures."""
    report = Report(path, f'Data set of {len(data)} pictures')
    plain = {k: v for k, v in figures.items() if not isinstance(v, (dict, list))}
    report.table(['what', 'value'], [[k.replace('_', ' '), v] for k, v in plain.items()])
    report.heading('Classes')
    splits = list(figures['counts'])
    rows = [[c, *(figures['counts'][s][c] for s in splits)] for c in data.classes]
    report.table(['class', *splits], rows)
    report.figure('counts', bars_figure(figures['counts']), 'pictures per class')
    samples = np.concatenate(
        [np.flatnonzero(data.labels == k)[:SAMPLES_EACH] for k in range(len(data.classes))]
    )
    _show(report, data, samples, 'samples')
    report.heading('Light and size')
    for name, values, unit in (
        ('brightness', mean, ''),
        ('contrast', deviation, ''),
        ('size', data.pictures.sides(), ': smaller side in the file, pixels'),
    ):
        per_class = {c: values[data.labels == k] for k, c in enumerate(data.classes)}
        report.figure(name, histogram_figure(per_class, name + unit), f'{name} per class')
    _add_faults(report, data, copies, figures)
    report.write()


def _add_faults(report: Report, data: Dataset, copies: Copies, figures: dict[str, Any]) -> None:
    for name in ('unreadable_pictures', 'blank_pictures'):
        if figures[name]:
            report.heading(name.replace('_', ' ').capitalize())
            report.items(figures[name][:LISTED])
    blank = np.flatnonzero(np.isin(data.names, figures['blank_pictures']))[: 2 * SHOWN_PAIRS]
    if len(blank):
        _show(report, data, blank, 'blank')
    if len(copies.pairs):
        report.heading('Near copies')
        spread = np.argsort(copies.scores)[:: max(len(copies.scores) // SHOWN_PAIRS, 1)]
        report.text('Pairs of near copies, from the least to the most similar:')
        _show(report, data, copies.pairs[spread[:SHOWN_PAIRS]].ravel(), 'near_copies')
    if figures['conflicts']:
        report.heading('Copies with conflicting labels')
        # One picture of each label shows the conflict. A group can have many pictures.
        one_each = [
            members[np.unique(data.labels[members], return_index=True)[1]]
            for members in conflicting_groups(copies.groups, data.labels)
        ]
        _show(report, data, np.concatenate(one_each)[: 2 * SHOWN_PAIRS], 'conflicts')


def _show(report: Report, data: Dataset, which: NDArray[np.int64], name: str) -> None:
    titles = [f'{data.classes[data.labels[i]]}\n{data.splits[i]}' for i in which]
    report.figure(name, picture_grid(data.pictures.load(which), titles), name.replace('_', ' '))

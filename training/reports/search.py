"""The report of `search`: a table of the architectures, and their accuracy over their time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from training.reports.plots import tradeoff_figure
from training.reports.report import Report


def write_report(path: Path, rows: Sequence[Mapping[str, Any]], origin: Mapping[str, str]) -> None:
    """Write table and plot. The rows are those of search.json."""
    report = Report(path, 'Architectures with the same budget')
    report.text(
        f'Written by `{origin["command"]}`, {origin["machine"]}. Every architecture was trained '
        'with the same settings, and evaluated on the development pictures. The times are the '
        'median milliseconds for one face on one thread. The number in brackets is the ratio to '
        f'{origin["reference"]}, which took turns with all architectures. "best": no other '
        'architecture is as accurate and faster, or as fast and more accurate, by the mean ratio '
        'of the runtimes. '
        f'The standard error of an accuracy is up to {100 * max(map(_error, rows)):.1f} points.'
    )
    runtimes = list(rows[0]['latency'])
    report.table(
        [
            'architecture', 'best', 'accuracy', *(f'{name}, ms' for name in runtimes),
            'multiply-adds', 'parameters', 'epoch',
        ],
        [
            [
                row['shape'],
                'best' if row['best'] else '',
                f'{100 * row["development_accuracy"]:.1f} %',
                *(
                    f'{row["latency"][runtime]["milliseconds"]:.3f} '
                    f'({row["latency"][runtime]["ratio"]:.2f})'
                    for runtime in runtimes
                ),
                f'{row["multiply_adds"]:,d}',
                f'{row["parameters"]:,d}',
                f'{row["kept_epoch"]} of {row["epochs"]}',
            ]
            for row in rows
        ],
    )  # fmt: skip
    points = {row['shape']: (row['time'], row['development_accuracy']) for row in rows}
    best = {row['shape'] for row in rows if row['best']}
    figure = tradeoff_figure(points, best, f'time, as a multiple of {origin["reference"]}')
    report.figure('accuracy_and_time', figure, 'accuracy over time of each architecture')
    report.write()


def _error(row: Mapping[str, Any]) -> float:
    """Return the standard error of the accuracy of an architecture."""
    accuracy = row['development_accuracy']
    return math.sqrt(accuracy * (1 - accuracy) / row['development_pictures'])

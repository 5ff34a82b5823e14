"""The report of `robustness`: table, plot, examples of each corruption."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from training.evaluation.corruptions import CORRUPTIONS, corrupt
from training.evaluation.robustness import accuracies
from training.reports.plots import sheet_figure, strength_figure
from training.reports.report import Report

NOTE = (
    'The table shows the accuracy on the same {count} pictures, which are changed before '
    'classification. The changes are mild / medium / strong. A detector might not find all of '
    'these faces.'
)


def write_report(
    path: Path, results: Mapping[str, Mapping[str, Any]], examples: NDArray[np.uint8] | None
) -> None:
    """Write the report of one or several models on the same pictures.

    Args:
        path: .md or .html.
        results: By the name of the model, from evaluation.robustness.
        examples: (N, S, S[, 3]) pictures to show with each change; None for a report that is
            published without the right to publish the pictures.
    """
    report = Report(path, 'Robustness of ' + ', '.join(results))
    add_section(report, results)
    if examples is not None:
        report.heading('Examples')
        report.text(
            'Each picture is shown without a change, then with mild, medium and strong changes.'
        )
        report.figure('examples', _example_sheet(examples), 'examples of each corruption')
    report.write()


def add_section(report: Report, results: Mapping[str, Mapping[str, Any]]) -> None:
    """Add table and plot to a report."""
    first = next(iter(results.values()))
    report.text(NOTE.format(count=first['count']))
    rows: list[list[object]] = [
        ['none', '', *(result['clean'] for result in results.values())],
        ['mean of all', '', *(result['mean'] for result in results.values())],
    ]
    for corruption in CORRUPTIONS:
        cells = [
            ' / '.join(f'{value:.3f}' for value in accuracies(result['kinds'][corruption.name], 3))
            for result in results.values()
        ]
        rows.append([corruption.name, corruption.label(*corruption.strengths), *cells])
    report.table(['corruption', 'strength', *results], rows)
    values = {
        name: {kind: accuracies(of_kind, 4) for kind, of_kind in result['kinds'].items()}
        for name, result in results.items()
    }
    clean = {name: result['clean'] for name, result in results.items()}
    report.figure('robustness', strength_figure(values, clean), 'accuracy over strength')


def _example_sheet(pictures: NDArray[np.uint8]) -> Figure:
    return sheet_figure({
        corruption.name: [
            shown
            for picture in pictures
            for shown in (
                picture,
                *(corrupt(picture, corruption, strength) for strength in corruption.strengths),
            )
        ]
        for corruption in CORRUPTIONS
    })  # fmt: skip

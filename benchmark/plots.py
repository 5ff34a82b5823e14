"""Plots of the measurements: `python -m benchmark.plots DETAILS FOLDER`.

It is a separate program, because matplotlib can be in another environment.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use('agg')
import matplotlib.pyplot as plt

from benchmark.figures import median_of

OURS, OTHERS = '#1f6f8b', '#b0b7bd'


def main(details_file: Path, folder: Path) -> None:
    """Draw the measurements in a file."""
    details = json.loads(details_file.read_text())
    folder.mkdir(parents=True, exist_ok=True)
    for part, draw in (('rivals', _rivals), ('nodes', _nodes), ('crowd', _crowd)):
        if part in details:
            figure = draw(details[part])
            figure.tight_layout()
            figure.savefig(folder / f'benchmark_{part}.png', dpi=80)
            plt.close(figure)


def _rivals(rivals: dict[str, Any]) -> Any:
    views = rivals['times']
    figure, axes = plt.subplots(1, len(views), figsize=(4.2 * len(views), 3), squeeze=False)
    for axis, (view, times) in zip(axes[0], views.items(), strict=True):
        names = list(reversed(times))
        axis.barh(
            names,
            [times[name]['p50'] for name in names],
            color=[OURS if name.startswith('fer_ros') else OTHERS for name in names],
        )
        axis.set_title(view, fontsize=9)
        axis.set_xlabel('ms per frame')
        axis.tick_params(labelsize=8)
    return figure


def _nodes(nodes: dict[str, Any]) -> Any:
    figure, axis = plt.subplots(figsize=(7, 2.6))
    names = list(reversed(nodes['runs']))
    left = [0.0] * len(names)
    for key, color in (
        ('detection_ms', OURS),
        ('classification_ms', '#e07a5f'),
        ('overhead_ms', OTHERS),
    ):
        widths = [median_of(nodes['runs'][name], key) for name in names]
        axis.barh(names, widths, left=left, color=color, label=key.removesuffix('_ms'))
        left = [a + b for a, b in zip(left, widths, strict=True)]
    axis.set_xlabel('ms from camera stamp to result in another process, p50')
    # Above the bars, because inside the axes it would cover one.
    axis.legend(fontsize=8, ncols=3, loc='lower center', bbox_to_anchor=(0.5, 1.0))
    return figure


def _crowd(crowd: dict[str, Any]) -> Any:
    figure, axis = plt.subplots(figsize=(5, 3))
    counts = [row['faces'] for row in crowd['rows']]
    for key, label in (
        ('total_ms', 'frame to labelled faces'),
        ('detection_ms', 'detection'),
        ('classification_ms', 'classification'),
    ):
        axis.plot(counts, [row[key] for row in crowd['rows']], marker='o', label=label)
    axis.set_xlabel('faces')
    axis.set_ylabel('ms per frame')
    axis.set_ylim(bottom=0)
    axis.legend(fontsize=8)
    return figure


if __name__ == '__main__':
    main(Path(sys.argv[1]), Path(sys.argv[2]))

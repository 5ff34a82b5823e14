"""Look at a data set before training: counts, samples, light, faults, copies, conflicts."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.base.files import write_json
from training.data.dataset import TRAIN, Dataset
from training.data.duplicates import Copies, find_copies
from training.data.open import add_data_arguments, data_options, open_data
from training.reports.plots import bars_figure, histogram_figure, picture_grid
from training.reports.report import Report

#: Pictures with less deviation than this, of 255, show nothing.
BLANK_DEVIATION = 4.0
SAMPLES_EACH = 8
SHOWN_PAIRS = 16
LISTED = 50


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_data_arguments(parser)
    parser.add_argument('--no-near', action='store_true', help='do not look for near copies')
    parser.add_argument('--json', type=Path, help='file for the figures and the pairs found')
    parser.add_argument('--report', type=Path, help='file for a report, .md or .html')


def run(options: argparse.Namespace) -> None:
    """Print what matters; write the report and the figures where asked for."""
    data = open_data(data_options(options))
    copies = find_copies(data.pictures, near=not options.no_near)
    mean, deviation = brightness(data)
    figures = describe(data, copies, deviation)
    for name, value in figures.items():
        if not isinstance(value, (dict, list)):
            print(f'{name.replace("_", " ")}: {value}')
    for split, counts in figures['counts'].items():
        print(f'{split}: ' + ', '.join(f'{name} {count}' for name, count in counts.items()))
    if options.json:
        pairs = [
            [str(data.names[left]), str(data.names[right]), round(float(score), 3)]
            for (left, right), score in zip(copies.pairs, copies.scores, strict=True)
        ]
        write_json(options.json, figures | {'near_copies': pairs})
    if options.report:
        write_report(options.report, data, copies, figures, mean, deviation)


def brightness(data: Dataset) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return mean and standard deviation of the pixels of each picture, both (N,)."""
    means, deviations = [], []
    for chunk in data.pictures.chunks():
        flat = chunk.reshape(len(chunk), -1).astype(np.float32)
        means.append(flat.mean(axis=1))
        deviations.append(flat.std(axis=1))
    return np.concatenate(means), np.concatenate(deviations)


def describe(data: Dataset, copies: Copies, deviation: NDArray[np.float32]) -> dict[str, Any]:
    """Return all figures as JSON-like values."""
    training = data.splits == TRAIN
    blank = np.flatnonzero(deviation < BLANK_DEVIATION)
    sides = data.pictures.sides()
    figures: dict[str, Any] = {
        'pictures': len(data),
        'size': data.size,
        'smallest_side_found': int(sides.min()),
        'median_side_found': int(np.median(sides)),
        'largest_side_found': int(sides.max()),
        'smaller_than_size': int((sides < data.size).sum()),
        'channels': data.channels,
        'sha256': data.fingerprint(),
        'unreadable': len(data.skipped),
        'blank': len(blank),
    }
    for kind, groups in (('exact', copies.exact), ('all', copies.groups)):
        evaluation = np.isin(groups[~training], groups[training])
        leaked = np.isin(groups[training], groups[~training])
        figures |= {
            f'{kind}_copies_within_training': int(training.sum() - len(set(groups[training]))),
            f'evaluation_pictures_with_{kind}_copies_in_training': int(evaluation.sum()),
            f'training_pictures_with_{kind}_copies_in_evaluation': int(leaked.sum()),
        }
    conflicts = conflicting_groups(copies.groups, data.labels)
    return figures | {
        'groups_with_conflicting_labels': len(conflicts),
        'counts': {
            split: data.subset(data.splits == split).counts() for split in sorted(set(data.splits))
        },
        'unreadable_pictures': list(data.skipped),
        'blank_pictures': [str(data.names[index]) for index in blank],
        'conflicts': [
            {str(data.names[i]): data.classes[data.labels[i]] for i in members}
            for members in conflicts
        ],
    }


def conflicting_groups(
    groups: NDArray[np.int64], labels: NDArray[np.int64]
) -> list[NDArray[np.int64]]:
    """Return the members of each group of copies that do not all have one label."""
    order = np.argsort(groups, kind='stable')
    starts = np.flatnonzero(np.diff(groups[order])) + 1
    return [members for members in np.split(order, starts) if len(set(labels[members])) > 1]


def write_report(
    path: Path,
    data: Dataset,
    copies: Copies,
    figures: dict[str, Any],
    mean: NDArray[np.float32],
    deviation: NDArray[np.float32],
) -> None:
    """Write it with plots and pictures."""
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
        ('size', data.pictures.sides(), ': smaller side as it was found, pixels'),
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
        report.text('Pairs one behind the other, from the least to the most alike:')
        _show(report, data, copies.pairs[spread[:SHOWN_PAIRS]].ravel(), 'near_copies')
    if figures['conflicts']:
        report.heading('Copies with conflicting labels')
        groups = conflicting_groups(copies.groups, data.labels)
        _show(report, data, np.concatenate(groups)[: 2 * SHOWN_PAIRS], 'conflicts')


def _show(report: Report, data: Dataset, which: NDArray[np.int64], name: str) -> None:
    titles = [f'{data.classes[data.labels[i]]}\n{data.splits[i]}' for i in which]
    report.figure(name, picture_grid(data.pictures.load(which), titles), name.replace('_', ' '))

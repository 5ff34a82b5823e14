"""The report of `evaluate`: tables, confusion matrices, reliability, worst errors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from training.evaluation.metrics import reliability
from training.reports.plots import confusion_figure, picture_grid, reliability_figure
from training.reports.report import Report

if TYPE_CHECKING:
    from training.evaluation.accuracy import Evaluation

WORST = 32
#: Main figures and their headings.
MAIN = {
    'accuracy': 'accuracy',
    'balanced_accuracy': 'balanced accuracy',
    'macro_f1': 'macro F1',
    'ece': 'ECE',
    'nll': 'NLL',
}
#: Further figures of a model, with their meaning.
MEANINGS = {
    'without_copies': 'without copies of training pictures',
    'restricted': 'choosing only among the classes of the data',
}


def write_report(path: Path, results: Mapping[str, Evaluation], faces: bool = True) -> None:
    """Write the report of one or several models on the same data.

    Args:
        path: .md or .html.
        results: By the name of the model.
        faces: Show the worst errors; False for a report that is published without the right to
            publish the data.
    """
    report = Report(path, 'Evaluation of ' + ', '.join(results))
    report.text(
        'The figures belong to the file that the robot runs, with one pass per picture. Labels '
        'name the apparent expression. ECE is the expected calibration error over 15 bins of '
        'equal count.'
    )
    rows = []
    for name, result in results.items():
        figures = result.figures
        rows.append([name, figures['count'], *(figures[key] for key in MAIN)])
        for part, meaning in MEANINGS.items():
            if part in figures and (part != 'restricted' or _lacks_classes(result)):
                inner = figures[part]
                rows.append([f'{name}, {meaning}', inner['count'], *(inner[key] for key in MAIN)])
    report.table(['model', 'pictures', *MAIN.values()], rows)
    report.text(
        'By chance, a perfectly calibrated model has an ECE above 0. With the confidences of the '
        'models on all pictures, it is '
        + ', '.join(f'{r.figures["ece_by_chance"]:.4f} ({n})' for n, r in results.items())
        + '.'
    )
    bins = {name: reliability(r.probabilities, r.labels) for name, r in results.items()}
    report.heading('Reliability')
    report.figure('reliability', reliability_figure(bins), 'accuracy over confidence')
    for number, (name, result) in enumerate(results.items()):
        _add_model(report, number, name, result)
        if faces:
            _add_worst(report, number, result)
    report.write()


def _lacks_classes(result: Evaluation) -> bool:
    """Return whether the data has no pictures of a class of the model."""
    return bool(len(np.unique(result.labels)) < result.probabilities.shape[1])


def _add_model(report: Report, number: int, name: str, result: Evaluation) -> None:
    figures = result.figures
    report.heading(name)
    report.text(
        f'Runtime {figures["runtime"]}, temperature {figures["temperature"]}, file '
        f'{figures["model_hash"]}.'
    )
    for label, count in figures['left_out'].items():
        report.text(
            f'{count} pictures of {label} were skipped, because the model does not have this '
            'class.'
        )
    columns = ('recall', 'precision', 'f1')
    rows = [
        [label, row['count'], *(row[c] if row['count'] else '' for c in columns)]
        for label, row in figures['classes'].items()
    ]
    report.table(['class', 'pictures', 'recall', 'precision', 'F1'], rows)
    if 'ferplus' in figures:
        votes = figures['ferplus']
        report.text(
            f'The model agrees with the majority of the annotators of FER+ for '
            f'{100 * votes["agreement"]:.1f} % of {votes["count"]} pictures, and the labels for '
            f'{100 * votes["agreement_of_labels"]:.1f} %.'
        )
    classes = list(figures['classes'])
    matrix = np.array(figures['confusion'])
    report.figure(f'confusion_{number}', confusion_figure(matrix, classes), 'confusion matrices')


def _add_worst(report: Report, number: int, result: Evaluation) -> None:
    """Show the errors with the highest confidence."""
    classes = list(result.figures['classes'])
    confidence = result.probabilities.max(axis=1)
    predicted = result.probabilities.argmax(axis=1)
    wrong = np.flatnonzero(predicted != result.labels)
    worst = wrong[np.argsort(-confidence[wrong], kind='stable')][:WORST]
    if not len(worst):
        return
    titles = [
        f'{classes[predicted[i]]} {confidence[i]:.2f}\nlabel {classes[result.labels[i]]}'
        for i in worst
    ]
    images = result.data.pictures.load(worst)
    report.text('The errors with the highest confidence:')
    report.figure(
        f'worst_{number}', picture_grid(images, titles), 'errors with the highest confidence'
    )

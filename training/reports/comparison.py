"""The report of `compare`: one table per question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from training.evaluation import video
from training.reports import evaluation
from training.reports import robustness as robustness_report
from training.reports.report import Report

Models = Sequence[Mapping[str, Any]]

MAIN = {name: heading for name, heading in evaluation.MAIN.items() if name != 'nll'}


def write_report(path: Path, models: Models, origin: Mapping[str, Any]) -> None:
    """Write the tables of all measured parts."""
    report = Report(path, 'Models side by side')
    data = origin['data']
    report.text(
        f'This report was written by `{origin["command"]}` on {origin["date"]} '
        f'({origin["machine"]}). The data is '
        f'{"the split " + data["split"] if data["split"] else "all of the data set"}, with the '
        f'SHA-256 {data["sha256"]}. Every figure comes from the files that the robot runs, with '
        'one pass per picture.'
    )
    _add_accuracy(report, models)
    _add_size(report, models)
    _add_latency(report, models)
    if all('robustness' in model for model in models):
        report.heading('Robustness')
        robustness_report.add_section(report, {m['model']: m['robustness'] for m in models})
    _add_video(report, models)
    _add_end_to_end(report, models)
    report.write()


def _add_accuracy(report: Report, models: Models) -> None:
    measured = [model for model in models if 'accuracy' in model]
    if not measured:
        return
    report.heading('Accuracy')
    report.text(
        'The figures are for all pictures, and for those without an exact or near copy in '
        'training. ECE is the expected calibration error over 15 bins of equal count, with the '
        'temperature of the card. FER+ is the agreement with the majority of the annotators '
        'of FER+, for pictures with such a majority.'
    )
    rows: list[list[object]] = []
    for model in measured:
        figures = model['accuracy']
        agreement = figures['ferplus']['agreement'] if 'ferplus' in figures else ''
        rows.append([model['model'], figures['count'], *(figures[k] for k in MAIN), agreement])
        if 'without_copies' in figures:
            inner = figures['without_copies']
            name = f'{model["model"]}, without copies'
            rows.append([name, inner['count'], *(inner[key] for key in MAIN), ''])
    report.table(['model', 'pictures', *MAIN.values(), 'FER+'], rows)
    if 'ferplus' in measured[0]['accuracy']:
        votes = measured[0]['accuracy']['ferplus']
        report.text(
            f'{votes["count"]} pictures have such a majority. The labels of FER2013 agree with '
            f'{100 * votes["agreement_of_labels"]:.1f} % of these majorities.'
        )
    report.text('Recall of each class over all pictures:')
    tables = [model['accuracy']['classes'] for model in measured]
    counts = {name: row['count'] for table in tables for name, row in table.items()}
    report.table(
        ['class', 'pictures', *(model['model'] for model in measured)],
        [
            [name, count, *(_recall(table, name) for table in tables)]
            for name, count in counts.items()
        ],
    )


def _recall(classes: Mapping[str, Any], name: str) -> object:
    """Return the recall of a class; nothing if a model does not have it, or it has no pictures."""
    row = classes.get(name)
    return row['recall'] if row and row['count'] else ''


def _add_size(report: Report, models: Models) -> None:
    report.heading('Size')
    files = sorted({name for model in models for name in model['bytes']})
    report.text(
        'The multiply-adds are those of the convolutions and dense layers for one face. File '
        'sizes are in KiB. ONNX files with rounded weights are compressed.'
    )
    report.table(
        ['model', 'parameters', 'multiply-adds', *files],
        [
            [
                model['model'],
                f'{model["parameters"]:,d}',
                'not counted' if model['multiply_adds'] is None
                else f'{model["multiply_adds"]:,d}',
                *(
                    f'{model["bytes"][name] / 1024:.0f}' if name in model['bytes'] else ''
                    for name in files
                ),
            ]
            for model in models
        ],
    )  # fmt: skip


def _add_latency(report: Report, models: Models) -> None:
    timed = [model for model in models if model.get('latency')]
    if not timed:
        return
    report.heading('Time')
    report.text(
        'Median milliseconds for one face on one thread, from the crop to the probabilities. The '
        f'number in brackets is the ratio to {models[0]["model"]} in the same run. The '
        'measurements of the two models alternate.'
    )
    runtimes = list(timed[0]['latency'])
    rows = [
        [
            model['model'],
            *(
                f'{model["latency"][runtime]["milliseconds"]:.3f} '
                f'({model["latency"][runtime]["ratio"]:.1f})'
                for runtime in runtimes
            ),
        ]
        for model in timed
    ]
    report.table(['model', *runtimes], rows)


def _add_video(report: Report, models: Models) -> None:
    measured = [model for model in models if 'video' in model]
    if not measured:
        return
    first = measured[0]['video']
    report.heading('Video')
    report.text(
        f'The figures come from {first["clips"]} clips ({first["seconds"] / 60:.0f} minutes in '
        f'total) at {video.RATE} frames per second, with the default smoothing. Each clip shows '
        f'{video.EXPRESSIONS_SHOWN} pictures for {video.SHOWN:g} seconds each. All classes are '
        'equally likely. The pictures move and change in light and noise from frame to frame, and '
        f'blend into each other for {video.BLEND:g} seconds. Only pictures whose label '
        'agrees with most annotators are used.'
    )
    rows: list[list[object]] = []
    for model in measured:
        row = model['video']
        delays = [row[key] for key in ('delay', 'delay_90')]
        rows.append([
            model['model'],
            *(f'{100 * row[key]:.1f} %' for key in ('right', 'right_alone', 'found')),
            ' / '.join('none' if delay is None else f'{delay:.2f} s' for delay in delays),
            f'{row["false_events"]:.1f}',
        ])  # fmt: skip
    report.table(
        [
            'model', 'right label', 'without smoothing', 'changes reported',
            'delay: median / 90 %', 'false events per minute',
        ],
        rows,
    )  # fmt: skip


def _add_end_to_end(report: Report, models: Models) -> None:
    measured = [model for model in models if 'end_to_end' in model]
    if not measured:
        return
    report.heading('End to end')
    report.text(
        'The pictures are extended at their edges and put into frames of 640 x 480 pixels, where '
        'their side has the given number of pixels. They are upright, or varied: they lean by up '
        'to 20 degrees and have 0.6 to 1.4 times the brightness. '
        '"found" is the share of faces that the detector finds with its default settings. "lost" '
        'is the loss of accuracy in points among the found faces, compared with the same pictures '
        'without detection. The whole grid, and the parts by roll and gain, do not include 24 '
        'pixels.'
    )
    for detector, first in measured[0]['end_to_end'].items():
        report.text(f'With {detector}:')
        rows = []
        for part, row in first['rows'].items():
            cells = [m['end_to_end'][detector]['rows'][part] for m in measured]
            rows.append([
                part, row['shown'], f'{100 * row["found"]:.1f} %',
                *(
                    f'{100 * cell["accuracy"]:.1f} % ({cell["points_lost"]:+.1f})'
                    if cell['found'] else 'none found'
                    for cell in cells
                ),
            ])  # fmt: skip
        names = [f'{model["model"]} (lost)' for model in measured]
        report.table(['faces', 'shown', 'found', *names], rows)

"""The tables, chart and summary of all inputs together, from those of each input."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from io import StringIO, TextIOWrapper
from typing import IO, Any

from fer_ros.offline.inputs.finding import Input
from fer_ros.offline.results.chart import overview_chart
from fer_ros.offline.results.output import (
    CHART,
    EVENTS,
    FACES,
    FRAMES,
    SUMMARY,
    OutputFolder,
    output_errors,
)
from fer_ros.offline.settings import Settings

_BLOCK = 1 << 20

#: File names can contain any bytes.
_TEXT: Mapping[str, Any] = {'encoding': 'utf-8', 'errors': 'surrogateescape'}

#: Name of the row of all pictures in the chart.
PICTURES = 'pictures'


def write_totals(
    output: OutputFolder,
    inputs: Sequence[Input],
    failures: Mapping[str, str],
    settings: Settings,
    class_names: Sequence[str],
) -> None:
    """Write the files about all inputs.

    Args:
        inputs: The finished ones, in order.
        failures: Reason by path or name.

    Raises:
        OutputError: They cannot be written.
    """
    _join_tables(output, inputs, FACES)
    _join_tables(output, inputs, EVENTS)
    with output.total(FRAMES) as target:
        for one in inputs:
            with (output.results(one) / FRAMES).open('rb') as source:
                shutil.copyfileobj(source, target, _BLOCK)
    entries, rows = [], []
    pictures: dict[str, Any] = {'name': '', 'frames': 0, 'labels': Counter()}
    for one in inputs:
        with output_errors(output.folder):
            summary = json.loads((output.results(one) / SUMMARY).read_text(encoding='utf-8'))
        entry = {
            'input': one.name,
            'kind': one.kind,
            'warning': summary['warning'],
            'frames': summary['frames'],
            'frames_with_faces': summary['frames_with_faces'],
            'duration': summary['duration'],
            'faces': len(summary['faces']),
            'labels': summary['labels'],
            'events': summary['events'],
        }
        entries.append(entry)
        if one.kind == 'picture':
            pictures['frames'] += 1
            pictures['labels'].update(summary['labels'])
        else:
            rows.append(
                {
                    'name': one.name,
                    **entry,
                    'class_names': summary['class_names'],
                    'probabilities': summary['probabilities'],
                }
            )
    if pictures['frames']:
        pictures['name'] = f'{pictures["frames"]} {PICTURES}'
        rows.append(pictures)
    if len(inputs) == 1:
        with output_errors(output.folder):
            chart = (output.results(inputs[0]) / CHART).read_text(encoding='utf-8')
    else:
        chart = overview_chart(rows, class_names)
    output.write_total(CHART, chart)
    output.write_total(
        SUMMARY,
        json.dumps(
            {
                'inputs': len(entries),
                'frames': sum(entry['frames'] for entry in entries),
                'faces': sum(entry['faces'] for entry in entries),
                'labels': _sum(entries, 'labels'),
                'events': _sum(entries, 'events'),
                'failures': dict(failures),
                'settings': settings.as_json(),
                'each': entries,
            },
            indent=1,
        )
        + '\n',
    )


def _sum(entries: Sequence[Mapping[str, Any]], key: str) -> dict[str, int]:
    total: Counter[str] = Counter()
    for entry in entries:
        total.update(entry[key])
    return dict(total.most_common())


def _join_tables(output: OutputFolder, inputs: Sequence[Input], name: str) -> None:
    """Write the CSV tables of all inputs one after the other, with one header."""
    with output_errors(output.folder):
        headers = dict.fromkeys(_header(output, one, name) for one in inputs)
    columns = list(dict.fromkeys(column for header in headers for column in header))
    with output.total(name) as target:
        header = StringIO()
        csv.writer(header, lineterminator='\n').writerow(columns)
        target.write(header.getvalue().encode())
        for one in inputs:
            with (output.results(one) / name).open('rb') as source:
                if len(headers) == 1:
                    source.readline()
                    shutil.copyfileobj(source, target, _BLOCK)
                else:
                    _rearrange(source, target, columns)


def _header(output: OutputFolder, one: Input, name: str) -> tuple[str, ...]:
    with (output.results(one) / name).open(newline='', **_TEXT) as file:
        return tuple(next(csv.reader(file), ()))


def _rearrange(source: IO[bytes], target: IO[bytes], columns: Sequence[str]) -> None:
    """Copy the rows of a table that has other classes or attributes."""
    text = TextIOWrapper(target, newline='', write_through=True, **_TEXT)
    writer = csv.DictWriter(text, columns, lineterminator='\n')
    writer.writerows(csv.DictReader(TextIOWrapper(source, newline='', **_TEXT)))
    text.detach()

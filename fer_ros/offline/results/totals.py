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

#: Results of an earlier version can contain file names with any bytes.
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
    _join_frames(output, inputs)
    summaries = [_summary(output, one) for one in inputs]
    entries = [_entry(one, summary) for one, summary in zip(inputs, summaries, strict=True)]
    if len(inputs) == 1:
        with output_errors(output.folder):
            chart = (output.results(inputs[0]) / CHART).read_text(encoding='utf-8')
    else:
        chart = overview_chart(_chart_rows(entries, summaries), class_names)
    output.write_total(CHART, chart)
    totals = {
        'inputs': len(entries),
        'frames': sum(entry['frames'] for entry in entries),
        'faces': sum(entry['faces'] for entry in entries),
        'labels': dict(_count(entries, 'labels').most_common()),
        'events': dict(_count(entries, 'events').most_common()),
        'failures': dict(failures),
        'settings': settings.as_json(),
        'each': entries,
    }
    output.write_total(SUMMARY, json.dumps(totals, indent=1) + '\n')


def _summary(output: OutputFolder, one: Input) -> dict[str, Any]:
    with output_errors(output.folder):
        text = (output.results(one) / SUMMARY).read_text(encoding='utf-8')
    summary: dict[str, Any] = json.loads(text)
    return summary


def _entry(one: Input, summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entry of an input in the summary of all inputs."""
    return {
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


def _chart_rows(
    entries: Sequence[Mapping[str, Any]], summaries: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return one row for each video and bag, and one for all pictures."""
    rows: list[dict[str, Any]] = [
        {
            'name': entry['input'],
            **entry,
            'class_names': summary['class_names'],
            'probabilities': summary['probabilities'],
        }
        for entry, summary in zip(entries, summaries, strict=True)
        if entry['kind'] != 'picture'
    ]
    pictures = [entry for entry in entries if entry['kind'] == 'picture']
    if pictures:
        rows.append(
            {
                'name': f'{len(pictures)} {PICTURES}',
                'frames': len(pictures),
                'labels': _count(pictures, 'labels'),
            }
        )
    return rows


def _count(entries: Sequence[Mapping[str, Any]], key: str) -> Counter[str]:
    total: Counter[str] = Counter()
    for entry in entries:
        total.update(entry[key])
    return total


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


def _join_frames(output: OutputFolder, inputs: Sequence[Input]) -> None:
    """Write the lines of all inputs one after the other."""
    with output.total(FRAMES) as target:
        for one in inputs:
            with (output.results(one) / FRAMES).open('rb') as source:
                shutil.copyfileobj(source, target, _BLOCK)


def _header(output: OutputFolder, one: Input, name: str) -> tuple[str, ...]:
    with (output.results(one) / name).open(newline='', **_TEXT) as file:
        return tuple(next(csv.reader(file), ()))


def _rearrange(source: IO[bytes], target: IO[bytes], columns: Sequence[str]) -> None:
    """Copy the rows of a table that has other classes or attributes."""
    text = TextIOWrapper(target, newline='', write_through=True, **_TEXT)
    writer = csv.DictWriter(text, columns, lineterminator='\n')
    writer.writerows(csv.DictReader(TextIOWrapper(source, newline='', **_TEXT)))
    text.detach()

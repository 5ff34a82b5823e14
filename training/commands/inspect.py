"""Examine a data set before training: counts, samples, light, faults, copies, conflicts."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.base.files import write_json
from training.commands.options import add_data_arguments, check_report_arguments, open_listed
from training.data.duplicates import find_copies
from training.data.inspection import brightness, describe


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_data_arguments(parser)
    parser.add_argument('--no-near', action='store_true', help='do not search for near copies')
    parser.add_argument('--json', type=Path, help='file for the figures and the near copies')
    parser.add_argument('--report', type=Path, help='file for a report, .md or .html')


def run(options: argparse.Namespace) -> None:
    """Print the main figures, and write the report and the figures if requested."""
    check_report_arguments(options)
    data = open_listed(options)
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
        from training.reports.data_set import write_report

        write_report(options.report, data, copies, figures, mean, deviation)

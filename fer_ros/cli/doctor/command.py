"""doctor: check everything between the camera and the robot program, and show the remedies.

Without ROS, checks that need it are skipped. The exit code is 1 if there is a problem, otherwise
0.
"""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Sequence

from fer_ros.cli.doctor.finding import Finding, Level
from fer_ros.cli.doctor.packages import check_packages
from fer_ros.core.arguments import ArgumentParser, number_in
from fer_ros.core.redaction import redact

#: Columns of a line of the report.
WIDTH = 99


def lines(name: str, finding: Finding) -> list[str]:
    """Return the printed form of a finding, without passwords."""
    indent = ' ' * 25
    found, meaning, remedy = map(redact, (finding.text, finding.meaning, finding.remedy))
    printed = textwrap.wrap(
        found,
        WIDTH,
        initial_indent=f'{finding.level.value:9} {name:14} ',
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    for word, text in (('means', meaning), ('do', remedy)):
        if text:
            printed += textwrap.wrap(
                text,
                WIDTH,
                initial_indent=f'{indent}{word}: ',
                subsequent_indent=f'{indent}{" " * len(word)}  ',
                break_long_words=False,
                break_on_hyphens=False,
            )
    return printed


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, run the checks, and print the findings."""
    options = _parser().parse_args(arguments)
    counts = dict.fromkeys(Level, 0)

    def report(name: str, finding: Finding) -> None:
        counts[finding.level] += 1
        if not (options.quiet and finding.level is Level.OK):
            print('\n'.join(lines(name, finding)), flush=True)

    for finding in check_packages():
        report('packages', finding)
    if counts[Level.PROBLEM]:
        report('all others', Finding(Level.SKIPPED, 'need the packages above: install them first'))
    else:
        # Imported here, because it needs those packages.
        from fer_ros.cli.doctor.checks import Options, examine

        examine(
            Options(options.camera, options.model, tuple(options.model_folder), options.seconds),
            report,
        )
    print(
        f'problems: {counts[Level.PROBLEM]}, warnings: {counts[Level.WARNING]}, '
        f'skipped: {counts[Level.SKIPPED]}'
    )
    return 1 if counts[Level.PROBLEM] else 0


def _parser() -> argparse.ArgumentParser:
    parser = ArgumentParser(prog='doctor', description=__doc__)
    parser.add_argument(
        '--camera',
        default='',
        metavar='DEVICE',
        help='camera to try, such as 0 or /dev/video0 (default: all cameras)',
    )
    parser.add_argument(
        '--model', default='default', help='model by name or folder (default: %(default)s)'
    )
    parser.add_argument(
        '--model-folder',
        action='append',
        default=[],
        metavar='FOLDER',
        help='folder to search for models first. Repeat the option for several',
    )
    parser.add_argument(
        '--seconds',
        type=number_in(float, 0, 3600),
        default=4.0,
        metavar='SECONDS',
        help='seconds to listen to topics (default: %(default)s)',
    )
    parser.add_argument('-q', '--quiet', action='store_true', help='hide the checks that pass')
    return parser

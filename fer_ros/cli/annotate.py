"""annotate: the apparent expressions in pictures, videos and bags, as files, without ROS.

Into the folder of results go annotated pictures and videos, tables (CSV, and a line of JSON for
each frame), charts and summaries, of each input and of all. What is there is finished: a run that
was interrupted goes on where it ended when the same command is given again.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from fer_ros.cli.pipeline_options import add_pipeline_options, pipeline_config
from fer_ros.core.arguments import ArgumentParser
from fer_ros.core.detection.base import Search
from fer_ros.core.ending import end_signals
from fer_ros.core.errors import FerError
from fer_ros.offline.running.batch import Request, run
from fer_ros.offline.settings import Settings


class _Interrupted(BaseException):
    """A signal asks to end."""

    def __init__(self, number: int) -> None:
        self.number = number


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise _Interrupted(number)


def main(argv: Sequence[str] | None = None) -> int:
    """Annotate; return 1 when an input could not be done, or not as a whole."""
    options = _parser().parse_args(argv)
    request = Request(
        options.inputs,
        options.out,
        Settings(pipeline_config(options), pictures=not options.no_pictures),
        options.topic,
        options.jobs,
        options.dask,
        options.again,
    )
    for number in end_signals():
        signal.signal(number, _interrupt)
    try:
        return run(request)
    except FerError as error:
        print(f'annotate: {error}', file=sys.stderr)
        return 1
    except _Interrupted as interrupted:
        print(
            'annotate: interrupted; what is finished stays, and the same command goes on',
            file=sys.stderr,
        )
        return 128 + interrupted.number


def _parser() -> argparse.ArgumentParser:
    parser = ArgumentParser(prog='annotate', description=__doc__)
    add = parser.add_argument
    add(
        'inputs',
        nargs='+',
        type=Path,
        metavar='INPUT',
        help='picture, video, bag (MCAP or rosbag2), or folder of these with all below it',
    )
    add(
        '--out',
        required=True,
        type=Path,
        metavar='FOLDER',
        help='of results: a new one, or that of an earlier run to go on with',
    )
    add(
        '--jobs',
        type=_positive,
        default=_cores(),
        metavar='N',
        help='processes, and cores for a video that is alone (default: all cores, %(default)s)',
    )
    add(
        '--no-pictures',
        action='store_true',
        help='write tables, charts and summaries only, nothing that shows a person',
    )
    add(
        '--topic',
        action='append',
        default=[],
        metavar='NAME',
        help='of images in bags that have several; may be given several times',
    )
    # In full, each frame can be searched on any core; otherwise one after the other.
    add_pipeline_options(parser, Search.FULL)
    add(
        '--dask',
        default='',
        metavar='ADDRESS',
        help='hand the inputs to the cluster of this Dask scheduler (tcp://name:8786), whose '
        'machines see the same folders',
    )
    add('--again', action='store_true', help='throw away what is in the folder of results')
    return parser


def _cores() -> int:
    # macOS has no affinity.
    return len(os.sched_getaffinity(0)) if sys.platform == 'linux' else os.cpu_count() or 1


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f'{text} is less than 1')
    return number

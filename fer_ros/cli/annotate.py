"""annotate: write the apparent expressions in pictures, videos and bags to files, without ROS.

The results folder contains annotated pictures and videos, tables (CSV, and a line of JSON for
each frame), charts and summaries, for each input and for all. To continue an interrupted run, run
the same command again.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from fer_ros.cli.pipeline_options import add_pipeline_options, pipeline_config
from fer_ros.core.arguments import ArgumentParser, number_in, some_path
from fer_ros.core.detection.base import Search
from fer_ros.core.ending import end_signals
from fer_ros.core.errors import FerError
from fer_ros.offline.running.batch import Request, run
from fer_ros.offline.settings import Settings

#: Largest number of processes, on a machine with fewer cores.
MOST_JOBS = 64


class _Interrupted(BaseException):
    """A signal requests the end."""

    def __init__(self, number: int) -> None:
        self.number = number


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise _Interrupted(number)


def main(argv: Sequence[str] | None = None) -> int:
    """Annotate and return the exit code: 1 if an input failed or is incomplete."""
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
            'annotate: interrupted. Finished results are kept. To continue, run the same command '
            'again',
            file=sys.stderr,
        )
        return 128 + interrupted.number


def _parser() -> argparse.ArgumentParser:
    parser = ArgumentParser(prog='annotate', description=__doc__)
    add = parser.add_argument
    add(
        'inputs',
        nargs='+',
        type=some_path,
        metavar='INPUT',
        help='picture, video, bag (MCAP or rosbag2), or a folder with such files at any depth',
    )
    add(
        '--out',
        required=True,
        type=some_path,
        metavar='FOLDER',
        help='folder for the results: a new one, or the folder of an earlier run to continue',
    )
    add(
        '--jobs',
        # More would only take memory: each one reads ahead.
        type=number_in(int, 1, max(MOST_JOBS, _cores())),
        default=_cores(),
        metavar='N',
        help='number of processes, or of cores for a single video (default: all cores, '
        '%(default)s)',
    )
    add(
        '--no-pictures',
        action='store_true',
        help='write only tables, charts and summaries, and nothing that shows a person',
    )
    add(
        '--topic',
        action='append',
        default=[],
        metavar='NAME',
        help='topic of the images, for bags with several. Repeat the option for several topics',
    )
    # The labels and events of fast differ from those of full more than those of full do when the
    # picture is shifted by four pixels. docs/offline.md compares the faces found.
    add_pipeline_options(parser, Search.FULL)
    add(
        '--dask',
        default='',
        metavar='ADDRESS',
        help='distribute the inputs to the cluster of this Dask scheduler (tcp://name:8786). Its '
        'machines need the same folders',
    )
    add(
        '--again',
        action='store_true',
        help='delete the content of the results folder and start from the beginning',
    )
    return parser


def _cores() -> int:
    # macOS has no affinity.
    return len(os.sched_getaffinity(0)) if sys.platform == 'linux' else os.cpu_count() or 1

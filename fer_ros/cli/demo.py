"""demo: start the pipeline and print expression events immediately.

With ROS 2, the nodes run, and their topics stay on this machine, in a ROS domain that no other
demo uses. Without ROS 2, the same pipeline runs in this process.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

from fer_ros.cli.launch_arguments import add_arguments, help_text, read_arguments
from fer_ros.core.arguments import ArgumentParser, number_in
from fer_ros.core.missing import is_without_ros
from fer_ros.ros.bringup.arguments import Argument, arguments_of
from fer_ros.web.libraries import missing_libraries

#: Arguments that have an effect without ROS.
WITHOUT_ROS = ('source', 'detector', 'model', 'web', 'single_process')


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the command line and run the demo."""
    without_ros = is_without_ros()
    arguments = [
        argument
        for argument in arguments_of('pipeline')
        if not without_ros or argument.name in WITHOUT_ROS
    ]
    parser = _parser(arguments)
    options = parser.parse_intermixed_args(argv)
    given, _ = read_arguments(parser, 'pipeline', options.arguments)
    if without_ros:
        for name in given:
            if name not in WITHOUT_ROS:
                parser.error(f'{name} needs ROS 2, which is not available: remove this argument')
    if not missing_libraries():
        given['web'] = given.get('web') or 'true'
    if without_ros:
        from fer_ros.cli.local_demo import run

        return run(given, options.duration)
    from fer_ros.cli.ros_demo import start

    return start(given, options.duration, options.log_folder)


def _parser(arguments: Sequence[Argument]) -> argparse.ArgumentParser:
    parser = ArgumentParser(
        prog='demo',
        description=__doc__,
        epilog=help_text(arguments),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        '--duration',
        type=number_in(float, 0, math.inf),
        default=0.0,
        metavar='SECONDS',
        help='end the demo this many seconds after the first frame (default: run until Ctrl-C)',
    )
    parser.add_argument(
        '--log-folder',
        type=Path,
        metavar='FOLDER',
        help='folder for the logs of the nodes (default: log/demo, with the '
        'number of the ROS domain)',
    )
    add_arguments(parser)
    return parser

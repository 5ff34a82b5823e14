"""Arguments of the form name:=value, for the commands that start nodes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from fer_ros.ros.base.command_line import check_encoding
from fer_ros.ros.bringup.arguments import Argument
from fer_ros.ros.bringup.node_process import NodeProcess
from fer_ros.ros.bringup.plan import check_files, plan


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of a launch file to a parser."""
    parser.add_argument(
        'arguments',
        nargs='*',
        metavar='name:=value',
        help='arguments of the launch file, as below',
    )


def help_text(arguments: Sequence[Argument]) -> str:
    """Return the help text of the arguments of a launch file."""
    lines = '\n'.join(f'  {argument.name}:=  {argument.description}' for argument in arguments)
    return f'arguments:\n{lines}'


def read_arguments(
    parser: argparse.ArgumentParser,
    launch: str,
    texts: Sequence[str],
) -> tuple[dict[str, str], list[NodeProcess]]:
    """Return the arguments by name, and the nodes to start.

    Exit with an error for wrong arguments.
    """
    given: dict[str, str] = {}
    for text in texts:
        name, separator, value = text.partition(':=')
        if not separator:
            parser.error(f'{text!r} is not of the form name:=value')
        if given.get(name, value) != value:
            parser.error(f'{name} is given twice, as {given[name]} and as {value}: keep one')
        given[name] = value
    try:
        for text in texts:
            check_encoding(text)
        processes = plan(launch, given)
        warnings = check_files(given)
    except ValueError as error:
        parser.error(str(error))
    for line in warnings:
        print(f'{parser.prog}: {line}', file=sys.stderr)
    return given, processes

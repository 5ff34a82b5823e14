"""What the commands that bring nodes up share: arguments of the form name:=value."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from fer_ros.core.errors import printable
from fer_ros.ros.bringup.arguments import Argument
from fer_ros.ros.bringup.node_process import NodeProcess
from fer_ros.ros.bringup.plan import check_files, plan


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Let a parser take arguments of a bring-up."""
    parser.add_argument(
        'arguments',
        nargs='*',
        metavar='name:=value',
        help='arguments of the launch file, as below',
    )


def help_text(arguments: Sequence[Argument]) -> str:
    """Return the part of a help text that describes the arguments of a bring-up."""
    lines = '\n'.join(f'  {argument.name}:=  {argument.description}' for argument in arguments)
    return f'arguments:\n{lines}'


def read_arguments(
    parser: argparse.ArgumentParser,
    launch: str,
    texts: Sequence[str],
) -> tuple[dict[str, str], list[NodeProcess]]:
    """Return the arguments by name, and what they start; end with an error for wrong ones."""
    given: dict[str, str] = {}
    for text in texts:
        name, separator, value = text.partition(':=')
        if not separator:
            parser.error(f'{text!r} is not of the form name:=value')
        if given.get(name, value) != value:
            parser.error(f'{name} is given twice, as {given[name]} and as {value}: keep one')
        if printable(value) != value:
            parser.error(
                f'{printable(text)}: ROS takes UTF-8 alone; rename the file, or make a link to it'
            )
        given[name] = value
    try:
        processes = plan(launch, given)
        warnings = check_files(given)
    except ValueError as error:
        parser.error(str(error))
    for line in warnings:
        print(f'{parser.prog}: {line}', file=sys.stderr)
    return given, processes

"""The command line of a ROS program, and its parameter files. This module imports no ROS.

ROS names neither the file nor the mistake in words that a user knows, and ignores arguments that
are not its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import yaml

from fer_ros.core.errors import printable

#: Options of ROS with a value of the form NAME:=VALUE.
_ASSIGNMENTS = {
    '-p': 'NAME:=VALUE',
    '--param': 'NAME:=VALUE',
    '-r': 'FROM:=TO',
    '--remap': 'FROM:=TO',
}

PARAMS_FILE = '--params-file'

#: Key above the parameters of a node.
PARAMETERS_KEY = 'ros__parameters'


def split_arguments(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the arguments of the program itself, and those for ROS.

    Args:
        arguments: A command line without the name of the program. Those for ROS are between
            --ros-args and --, or the end.
    """
    own: list[str] = []
    ros: list[str] = []
    to = own
    for argument in arguments:
        if argument == '--ros-args':
            to = ros
        to.append(argument)
        if argument == '--' and to is ros:
            to = own
    return own, ros


def ros_options(arguments: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the options for ROS with their values."""
    _, ros = split_arguments(arguments)
    yield from pairwise(ros)


def check_encoding(argument: str) -> None:
    """Raise ValueError for an argument that is not UTF-8."""
    try:
        argument.encode()
    except UnicodeEncodeError as error:
        raise ValueError(
            f'{printable(argument)}: ROS accepts only UTF-8: rename the file, or create a link to '
            'it'
        ) from error


def check_ros_arguments(arguments: Sequence[str]) -> None:
    """Check the arguments for ROS and the parameter files that they name.

    Raises:
        ValueError: ROS would refuse one.
    """
    for option, value in ros_options(arguments):
        check_encoding(value)
        if option in _ASSIGNMENTS and ':=' not in value:
            raise ValueError(f'{option} {value}: write {option} {_ASSIGNMENTS[option]}')
        name, _, namespace = value.partition(':=')
        if option in ('-r', '--remap') and name.endswith('__ns') and namespace[:1] != '/':
            raise ValueError(f'{option} {value}: write {option} {name}:=/{namespace}')
        if option == PARAMS_FILE:
            check_parameter_file(Path(value))


def check_parameter_file(file: Path) -> None:
    """Check the syntax and the structure of a parameter file.

    Raises:
        ValueError: It cannot be read, or has another structure. The text names the line.
    """
    try:
        root = yaml.compose(file.read_text(encoding='utf-8'), Loader=yaml.SafeLoader)
    except OSError as error:
        raise ValueError(f'{file} cannot be read ({error.strerror}): check the path') from error
    except UnicodeError as error:
        raise ValueError(f'{file} is not UTF-8 text: store it as UTF-8') from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ValueError(
            f'{file}, line {line}: not YAML ({error.problem}): check the indentation, the colons '
            'and the brackets'
        ) from error
    except yaml.YAMLError as error:
        raise ValueError(f'{file} is not YAML: {error}') from error
    if root is not None:
        _check_nodes(file, root)


def _check_nodes(file: Path, section: yaml.Node) -> None:
    """Check what is above the parameters: only names of nodes and namespaces."""
    if not isinstance(section, yaml.MappingNode):
        raise ValueError(
            f'{_place(file, section)}: a value without {PARAMETERS_KEY} above it: write the name '
            f'of a node, below it {PARAMETERS_KEY}, and below that NAME: VALUE'
        )
    for key, value in section.value:
        if key.value != PARAMETERS_KEY:
            _check_nodes(file, value)
        elif isinstance(value, yaml.MappingNode):
            _check_values(file, value)
        else:
            raise ValueError(
                f'{_place(file, key)}: there are no parameters below {PARAMETERS_KEY}: write them '
                'indented, as NAME: VALUE'
            )


def _check_values(file: Path, parameters: yaml.MappingNode) -> None:
    for key, value in parameters.value:
        if isinstance(value, yaml.MappingNode):
            _check_values(file, value)
        elif value.value == '' and value.style is None:
            raise ValueError(
                f"{_place(file, key)}: {key.value} has no value: write one, such as '', or remove "
                'the line'
            )


def _place(file: Path, node: yaml.Node) -> str:
    return f'{file}, line {node.start_mark.line + 1}'

"""Detection of parameters that no node reads: a wrong name of a node, a parameter or a topic.

ROS ignores such values of a parameter file or a command line. This module imports no ROS.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from fer_ros.core.suggestion import suggestion
from fer_ros.ros.base.command_line import PARAMETERS_KEY, PARAMS_FILE, ros_options
from fer_ros.ros.contract import NODES, NodeContract
from fer_ros.ros.contract.qos import QOS_POLICIES

#: Parameters that rclpy declares for every node.
_OF_EVERY_NODE = ('use_sim_time', 'start_type_description_service')

#: Executables that are not nodes of the contract but can be named in a file.
_OTHER_NODES = ('record',)

_QOS_PARAMETER = re.compile(
    r'qos_overrides\.(?P<topic>/.+)\.(?P<side>publisher|subscription)\.'
    rf'(?:{"|".join(QOS_POLICIES)})'
)


def unread_sections(file: Path, namespace: str) -> list[str]:
    """Return a line for each section of a parameter file that matches no node of fer_ros.

    Args:
        namespace: Namespace of the nodes.
    """
    prefix = f'/{namespace.strip("/")}'.rstrip('/')
    names = [f'{prefix}/{name}' for name in (*NODES, *_OTHER_NODES)]
    lines = []
    for pattern, _ in _sections(file):
        if not any(_fits(pattern, name) for name in names):
            lines.append(
                f'{file}: no node has the name {pattern}, so its parameters are not read'
                + suggestion(pattern, [*names, *(f'/**/{name}' for name in NODES)])
            )
    return lines


def unread_parameters(
    arguments: Sequence[str],
    name: str,
    contract: NodeContract,
    resolve: Callable[[str], str],
) -> list[str]:
    """Return a line for each given parameter that the node does not have.

    Args:
        arguments: The command line of the process.
        name: Name of the node, with its namespace.
        resolve: Returns the full name of a topic of the contract, '' if it has none.
    """
    mine = [parameter.name for parameter in contract.parameters]
    # A parameter for all nodes can belong to another one.
    any_node = [parameter.name for node in NODES.values() for parameter in node.parameters]
    lines = []
    for origin, pattern, names in _given(arguments):
        if not _fits(pattern, name):
            continue
        known = any_node if '*' in pattern.rpartition('/')[2] else mine
        for given in names:
            if given.startswith('qos_overrides.'):
                lines += _unread_qos(origin, given, name, contract, resolve, pattern)
            elif given not in (*known, *_OF_EVERY_NODE):
                lines.append(
                    f'{origin}: {name} has no parameter {given}, so it is not read'
                    + suggestion(given, known)
                )
    return lines


def _unread_qos(
    origin: str,
    given: str,
    name: str,
    contract: NodeContract,
    resolve: Callable[[str], str],
    pattern: str,
) -> list[str]:
    topics = {
        'publisher': [resolve(topic.name) for topic in contract.publishes],
        'subscription': [resolve(topic.name) for topic in contract.subscribes],
    }
    parts = _QOS_PARAMETER.fullmatch(given)
    if parts is None:
        return [
            f'{origin}: {given} is not of the form qos_overrides.<topic>.<publisher or '
            f'subscription>.<{", ".join(QOS_POLICIES)}>, so it is not read'
        ]
    if parts['topic'] in topics[parts['side']] or '*' in pattern.rpartition('/')[2]:
        return []
    return [
        f'{origin}: {name} has no {parts["side"]} for {parts["topic"]}, so {given} is not read'
        + suggestion(parts['topic'], topics[parts['side']])
    ]


def _given(arguments: Sequence[str]) -> Iterator[tuple[str, str, list[str]]]:
    """Yield the origin of given parameters, the pattern of their nodes, and their names."""
    for option, value in ros_options(arguments):
        if option == PARAMS_FILE:
            for pattern, values in _sections(Path(value)):
                yield value, pattern, list(_flat(values))
        elif option in ('-p', '--param'):
            name, _, _ = value.partition(':=')
            # node:name is for one node. Names of parameters contain no colon.
            node, colon, parameter = name.partition(':')
            yield f'{option} {value}', f'/**/{node}' if colon else '/**', [parameter or name]


def _sections(file: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the patterns of a file with their parameters, nothing if ROS will refuse the file."""
    try:
        content = yaml.safe_load(file.read_text())
    except (OSError, UnicodeError, yaml.YAMLError):
        return
    yield from _sections_of(content, '')


def _sections_of(content: object, prefix: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for key, value in content.items() if isinstance(content, dict) else ():
        if key == PARAMETERS_KEY:
            yield prefix, value if isinstance(value, dict) else {}
        else:
            yield from _sections_of(value, f'{prefix}/{str(key).strip("/")}')


def _flat(values: Mapping[str, Any], prefix: str = '') -> Iterator[str]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f'{prefix}{key}.')
        else:
            yield f'{prefix}{key}'


def _fits(pattern: str, name: str) -> bool:
    """Return whether a pattern matches a node: * is one part of a name, ** any number of parts."""
    regex = ''
    for part in pattern.strip('/').split('/'):
        regex += {'**': '(/[^/]+)*', '*': '/[^/]+'}.get(part, f'/{re.escape(part)}')
    return re.fullmatch(regex, name) is not None

"""The contract as YAML: config/pipeline.yaml."""

from __future__ import annotations

import json
import textwrap

from fer_ros.ros.contract import (
    NODES,
    Applies,
    Parameter,
    ParameterValue,
)

_YAML_HEAD = """\
# Parameters of all nodes with their defaults. Copy this file, keep only the lines that you change,
# and start the launch with params_file:=<your file>. The keys match in every namespace.
# `ros2 param describe` shows the same text. A parameter marked "at configure" cannot change while
# the node is configured.
"""


def _value(value: ParameterValue) -> str:
    if isinstance(value, str):
        return value or "''"
    return json.dumps(value)


def type_name(value: ParameterValue) -> str:
    """Return the ROS name of the type of a value."""
    if isinstance(value, list):
        return 'string[]'
    return {bool: 'bool', int: 'int', float: 'double', str: 'string'}[type(value)]


def parameters_yaml() -> str:
    """Return the text of config/pipeline.yaml."""
    lines = [_YAML_HEAD]
    for node in NODES.values():
        lines += [f'/**/{node.name}:', '  ros__parameters:']
        for parameter in node.parameters:
            lines += [*_comment(parameter), f'    {parameter.name}: {_value(parameter.default)}']
        lines.append('')
    return '\n'.join(lines)


def _comment(parameter: Parameter) -> list[str]:
    notes = []
    if parameter.limits:
        notes.append(parameter.limits)
    if parameter.applies is not Applies.ALWAYS:
        notes.append(parameter.applies.value)
    text = parameter.description + (f' [{"; ".join(notes)}]' if notes else '')
    return textwrap.wrap(text, 95, initial_indent='    # ', subsequent_indent='    # ')

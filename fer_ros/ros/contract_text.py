"""The contract as text: config/pipeline.yaml, config/sros2_policy.xml, the tables in README.md.

`python -m fer_ros.ros.contract_text` writes all anew; a test compares them with the contract.
"""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

from fer_ros.ros.bringup import ARGUMENTS, LAUNCHES
from fer_ros.ros.contract import (
    NODE_SERVICES,
    NODES,
    Applies,
    NodeContract,
    Parameter,
    ParameterValue,
)
from fer_ros.ros.contract.sros2_policy import policy_xml

#: Between these lines of README.md stands what this module writes.
MARKERS = {
    name: (f'<!-- {name}: begin, written by python -m fer_ros.ros.contract_text -->',
           f'<!-- {name}: end -->')
    for name in ('arguments', 'contract')}

_YAML_HEAD = '''\
# Parameters of all nodes with their defaults. Copy this file, keep what you change and start
# with params_file:=<your file>. The keys match in every namespace. `ros2 param describe` tells
# the same. What is marked "at configure" cannot change while the node is configured.
'''


def _value(value: ParameterValue) -> str:
    if isinstance(value, str):
        return value or "''"
    return json.dumps(value)


def type_name(value: ParameterValue) -> str:
    """Return what ROS calls the type of a value."""
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


def arguments_table() -> str:
    """Return the table of launch arguments."""
    rows = ['| argument | default | in | |', '|---|---|---|---|']
    for argument in ARGUMENTS.values():
        launches = [name for name, (names, _) in LAUNCHES.items() if argument.name in names]
        where = 'all' if len(launches) == len(LAUNCHES) else ', '.join(launches)
        choices = f' One of {", ".join(argument.choices)}.' if argument.choices else ''
        rows.append(f'| `{argument.name}` | {argument.default or "not given"} | {where} '
                    f'| {argument.description}{choices} |')
    return '\n'.join(rows)


def contract_tables() -> str:
    """Return the tables of topics and parameters."""
    parts = [_topics_table(), '', 'Parameters of each node:']
    for node in NODES.values():
        parts += ['', f'<details><summary><b>{node.name}</b> {node.summary}.</summary>', '',
                  _parameters_table(node), '', '</details>']
    services = ', '.join(f'`~/{name}` ({kind})' for name, kind in NODE_SERVICES.items())
    return '\n'.join([*parts, '', f'Services of every node: {services}.'])


def with_tables(readme: str) -> str:
    """Return the text of README.md with its tables written anew. Raises ValueError."""
    for name, table in (('arguments', arguments_table()), ('contract', contract_tables())):
        begin, end = MARKERS[name]
        before, found, rest = readme.partition(begin)
        _, found_end, after = rest.partition(end)
        if not found or not found_end:
            raise ValueError(f'README.md lacks the lines {begin} and {end}')
        readme = f'{before}{begin}\n\n{table}\n\n{end}{after}'
    return readme


def _topics_table() -> str:
    rows = ['| node | | topic | type | QoS | |', '|---|---|---|---|---|---|']
    for node in NODES.values():
        for direction, topics in (('publishes', node.publishes), ('subscribes', node.subscribes)):
            rows += [
                f'| {node.name} | {direction} | `{topic.name}` | `{topic.type}` '
                f'| {topic.qos.text} | {topic.description} |' for topic in topics]
        rows += [
            f'| {node.name} | serves | `{service.name}` | `{service.type}` | '
            f'| {service.description} |' for service in node.services]
    return '\n'.join(rows)


def _parameters_table(node: NodeContract) -> str:
    rows = ['| parameter | type | default | range | takes effect | |', '|---|---|---|---|---|---|']
    for parameter in node.parameters:
        default = json.dumps(parameter.default)
        rows.append(
            f'| `{parameter.name}` | {type_name(parameter.default)} | `{default}` '
            f'| {parameter.limits} | {parameter.applies.value} | {parameter.description} |')
    return '\n'.join(rows)


def main() -> None:
    """Write the files in config/ and the tables of README.md of this checkout."""
    root = Path(__file__).resolve().parents[2]
    (root / 'config' / 'pipeline.yaml').write_text(parameters_yaml(), encoding='utf-8')
    (root / 'config' / 'sros2_policy.xml').write_text(policy_xml(), encoding='utf-8')
    readme = root / 'README.md'
    readme.write_text(with_tables(readme.read_text(encoding='utf-8')), encoding='utf-8')


if __name__ == '__main__':
    main()

"""Topics, services, parameters and launch arguments, from the contract and the bring-up table."""

from __future__ import annotations

import json

from fer_docs.markdown import code, sentence, table
from fer_ros.ros.bringup.arguments import ARGUMENTS, LAUNCHES
from fer_ros.ros.contract import (
    DIAGNOSTICS_TOPIC,
    NODE_SERVICES,
    NODES,
    NodeContract,
    Parameter,
    Topic,
)
from fer_ros.ros.contract.text import type_name


def nodes() -> str:
    """Return a section for each node: what it is for, publishes, subscribes to and serves."""
    return '\n\n'.join(_node(node) for node in NODES.values())


def _node(node: NodeContract) -> str:
    parts = [
        f'## {node.name}',
        f'{sentence(node.summary)} [Parameters](parameters.md#{node.name})',
    ]
    publishes = [topic for topic in node.publishes if topic is not DIAGNOSTICS_TOPIC]
    for word, topics in (('Publishes', publishes), ('Subscribes to', node.subscribes)):
        if topics:
            parts.append(table((word, 'type and QoS', ''), [_topic(topic) for topic in topics]))
    if node.services:
        parts.append(
            table(
                ('Serves', 'type', ''),
                [
                    (code(service.name), _type_link(service.type), service.description)
                    for service in node.services
                ],
            )
        )
    return '\n\n'.join(parts)


def _topic(topic: Topic) -> tuple[str, str, str]:
    kind = f'{_type_link(topic.type)}<br><small>{topic.qos.text}</small>'
    return code(topic.name), kind, topic.description


def _type_link(kind: str) -> str:
    """Return a message type, linked where the type is ours."""
    package, _, name = kind.partition('/')
    return f'[`{kind}`](messages.md#{name.lower()})' if package == 'fer_msgs' else code(kind)


def node_services() -> str:
    """Return the services that every node has."""
    return table(
        ('service', 'type'),
        [(code(f'~/{name}'), code(kind)) for name, kind in NODE_SERVICES.items()],
    )


def parameters() -> str:
    """Return a section with a table of parameters for each node."""
    return '\n\n'.join(
        f'## {node.name}\n\n{sentence(node.summary)}\n\n'
        + table(('parameter', 'what it does'), map(_parameter, node.parameters))
        for node in NODES.values()
    )


def _parameter(parameter: Parameter) -> tuple[str, str]:
    default = parameter.default
    facts = [
        type_name(default),
        f'default {code(json.dumps(default))}',
        ', '.join(map(code, parameter.choices)) or parameter.limits,
        parameter.applies.value,
    ]
    said = '; '.join(fact for fact in facts if fact)
    return code(parameter.name), f'{parameter.description}<br><small>{said}</small>'


def launches() -> str:
    """Return which launch file starts which nodes."""
    return table(
        ('launch file', 'starts'),
        [
            (code(f'{name}.launch.py'), ', '.join(map(code, executables)))
            for name, (_, executables) in LAUNCHES.items()
        ],
    )


def arguments() -> str:
    """Return the launch arguments, with the launch files that take them."""
    rows = []
    for argument in ARGUMENTS.values():
        takers = [name for name, (names, _) in LAUNCHES.items() if argument.name in names]
        facts = [
            f'default {code(argument.default)}' if argument.default else 'not given by default',
            ', '.join(map(code, argument.choices)),
            'all launch files' if len(takers) == len(LAUNCHES) else ' and '.join(takers),
        ]
        said = '; '.join(fact for fact in facts if fact)
        rows.append(
            (code(f'{argument.name}:='), f'{argument.description}<br><small>{said}</small>')
        )
    return table(('argument', 'what it does'), rows)

"""The contract as Markdown: the tables of docs/topics.md and docs/parameters.md."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from fer_ros.ros.contract import (
    DIAGNOSTICS_TOPIC,
    NODE_SERVICES,
    NODES,
    NodeContract,
    Parameter,
    Topic,
)
from fer_ros.ros.contract.text import type_name


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table. Cells are Markdown, and `|` in them is escaped."""
    lines = [_row(head), '|' + '---|' * len(head)]
    return '\n'.join([*lines, *map(_row, rows)])


def _row(cells: Sequence[str]) -> str:
    return '| ' + ' | '.join(cell.replace('|', '\\|').replace('\n', ' ') for cell in cells) + ' |'


def code(text: object) -> str:
    """Return text as inline code, '' for ''."""
    return f'`{text}`' if str(text) else ''


def sentence(text: str) -> str:
    """Return a description with a capital and a full stop. A name keeps its case."""
    text = text.strip()
    first = text.split(maxsplit=1)[0] if text else ''
    text = text if '_' in first else text[:1].upper() + text[1:]
    return text if text.endswith(('.', '?', '!')) else f'{text}.'


def nodes() -> str:
    """Return a section for each node: its purpose, topics and services."""
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
    """Return a message type, as a link if it is in fer_msgs."""
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

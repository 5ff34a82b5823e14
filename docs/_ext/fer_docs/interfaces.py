"""The page of messages and services, from the comments in fer_msgs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from fer_ros.ros.contract import NODES
from fer_ros.ros.contract.markdown import code, table

FER_MSGS = Path(__file__).resolve().parents[3] / 'fer_msgs'

_LINE = re.compile(r'(?P<type>[\w/]+(?:\[\d*\])?)\s+(?P<name>\w+)(?:\s*=\s*(?P<value>[^#]+))?')


@dataclass(frozen=True)
class Field:
    """A field or constant with the comment above it or above its group of lines."""

    type: str
    name: str
    value: str
    comment: str


def parse(text: str) -> tuple[str, list[Field]]:
    """Return the comment at the start of a definition, and its fields.

    Raises ValueError for a line that is not a field.
    """
    head: list[str] = []
    fields: list[Field] = []
    comment: list[str] = []
    fresh = True
    for line in text.splitlines():
        if line.startswith('#'):
            if not fresh:
                comment, fresh = [], True
            comment.append(line.lstrip('# '))
        elif not line.strip():
            if comment and not fields and not head and fresh:
                head = comment
            comment, fresh = [], True
        else:
            match = _LINE.match(line)
            if match is None:
                raise ValueError(f'{line!r} is not a field')
            said = ' '.join(comment) if fresh else ''
            fields.append(
                Field(match['type'], match['name'], (match['value'] or '').strip(), said)
            )
            fresh = False
    return ' '.join(head), fields


def messages() -> str:
    """Return a section for each message."""
    parts = []
    for file in sorted((FER_MSGS / 'msg').glob('*.msg')):
        head, fields = parse(file.read_text(encoding='utf-8'))
        parts += [f'## {file.stem}', head, _topics_of(f'fer_msgs/{file.stem}'), _fields(fields)]
    return '\n\n'.join(part for part in parts if part)


def services() -> str:
    """Return a section for each service."""
    parts = []
    for file in sorted((FER_MSGS / 'srv').glob('*.srv')):
        request, _, response = file.read_text(encoding='utf-8').partition('\n---\n')
        head, fields = parse(request)
        parts += [
            f'## {file.stem}',
            head,
            '**Request**',
            _fields(fields),
            '**Response**',
            _fields(parse(response)[1]),
        ]
    return '\n\n'.join(part for part in parts if part)


def _topics_of(kind: str) -> str:
    topics = {
        topic.name: node.name
        for node in NODES.values()
        for topic in node.publishes
        if topic.type == kind
    }
    if not topics:
        return ''
    return (
        'Published on '
        + ', '.join(f'`{topic}` by [{node}](topics.md#{node})' for topic, node in topics.items())
        + '.'
    )


def _fields(fields: list[Field]) -> str:
    """Return tables of the fields and the constants. A group of fields shares its comment."""
    constants = [field for field in fields if field.value]
    runs: list[list[Field]] = []
    for field in fields:
        if field.value:
            continue
        if field.comment or not runs:
            runs.append([])
        runs[-1].append(field)
    tables = []
    if runs:
        tables.append(
            table(
                ('field', 'content'),
                [
                    (
                        '<br>'.join(
                            f'{code(field.name)}<br><small>{code(field.type)}</small>'
                            for field in run
                        ),
                        _escape(run[0].comment),
                    )
                    for run in runs
                ],
            )
        )
    if constants:
        tables.append(
            table(
                ('constant', 'value', 'meaning'),
                [
                    (code(field.name), code(field.value), _escape(field.comment))
                    for field in constants
                ],
            )
        )
    return '\n\n'.join(tables)


def _escape(text: str) -> str:
    """Escape the brackets of ranges such as [0, 1], which are not links."""
    return text.replace('[', '\\[').replace(']', '\\]').replace('_', '\\_')

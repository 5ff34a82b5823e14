"""Diagram and table of the topics, from the contract and the table of launch files."""

from __future__ import annotations

from itertools import pairwise

from fer_docs import svg
from fer_ros.ros.bringup.arguments import LAUNCHES
from fer_ros.ros.contract import DIAGNOSTICS_TOPIC, NODES
from fer_ros.ros.contract.markdown import code, table

_WIDTH, _BOX, _HEIGHT = 440.0, 220.0, 44.0
_CENTRE = 220.0
_LINE = 18.0


def flow() -> str:
    """Return the drawing of the pipeline: its nodes, topics and launch files."""
    name = 'flow'
    chain = LAUNCHES['pipeline'][1]
    labels = [_between(first, second) for first, second in pairwise(chain)]
    labels = [['frames'], *labels, _results(chain[-1])]
    boxes = ['camera, file, stream', *chain, 'your robot program']
    parts: list[str] = []
    centres: dict[str, float] = {}
    y = _HEIGHT / 2 + 4
    for index, title in enumerate(boxes):
        outside = index in (0, len(boxes) - 1)
        centres[title] = y
        parts += [
            svg.box(_CENTRE, y, _BOX, _HEIGHT, 'outside' if outside else 'node'),
            svg.text(_CENTRE, y, title, 'title' if outside else 'title code'),
        ]
        if index < len(labels):
            gap = max(_LINE * len(labels[index]) + 20, 44)
            below = y + _HEIGHT / 2
            parts.append(svg.arrow(name, _CENTRE, below, _CENTRE, below + gap - 2))
            first = below + gap / 2 - _LINE * (len(labels[index]) - 1) / 2
            parts += [
                svg.text(_CENTRE + 12, first + _LINE * line, label, 'code label', 'start')
                for line, label in enumerate(labels[index])
            ]
            y = below + gap + _HEIGHT / 2
    parts += _brackets(centres)
    described = 'The pipeline from source to robot program: ' + ', '.join(
        f'{title} sends {" and ".join(names)}' for title, names in zip(boxes, labels, strict=False)
    )
    return svg.drawing(name, described, _WIDTH, y + _HEIGHT / 2 + 4, parts)


def _between(first: str, second: str) -> list[str]:
    wanted = {topic.name for topic in NODES[second].subscribes}
    return [topic.name for topic in NODES[first].publishes if topic.name in wanted]


def _results(last: str) -> list[str]:
    return [topic.name for topic in NODES[last].publishes if topic is not DIAGNOSTICS_TOPIC]


def _brackets(centres: dict[str, float]) -> list[str]:
    """Return a bracket for each launch file, the longest one outside."""
    spans = {
        name: (min(places), max(places))
        for name, (_, executables) in LAUNCHES.items()
        if (places := [centres[node] for node in executables if node in centres])
    }
    longest = max(bottom - top for top, bottom in spans.values())
    return [
        svg.bracket(
            30 if bottom - top == longest else 72, top - _HEIGHT / 2, bottom + _HEIGHT / 2, name
        )
        for name, (top, bottom) in spans.items()
    ]


def topics() -> str:
    """Return the publisher and the subscribers of each topic."""
    senders: dict[str, list[str]] = {}
    listeners: dict[str, list[str]] = {}
    for node in NODES.values():
        for topic in node.publishes:
            senders.setdefault(topic.name, []).append(node.name)
        for topic in node.subscribes:
            listeners.setdefault(topic.name, []).append(node.name)
    names = dict.fromkeys([*senders, *listeners])
    return table(
        ('topic', 'from', 'to'),
        [
            (
                code(name),
                _linked(senders.get(name, [])),
                _linked(listeners.get(name, [])) or 'your programs',
            )
            for name in names
            if name != DIAGNOSTICS_TOPIC.name
        ],
    )


def _linked(nodes: list[str]) -> str:
    return ', '.join(f'[{node}](#{node})' for node in nodes)

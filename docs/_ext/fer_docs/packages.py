"""The import graph of the code, read from the sources and drawn."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from pathlib import Path

from fer_docs import svg

ROOT = Path(__file__).resolve().parents[3]

#: Modules that name every program, and import one only when it runs.
ENTRY_POINTS = {'fer_ros.executables', 'fer_ros.__main__'}

_WIDTH, _HEIGHT, _GAP, _STEP = 150.0, 40.0, 24.0, 92.0


def dependencies(depth: int = 2) -> dict[str, set[str]]:
    """Return each part of the code with the parts it imports.

    Args:
        depth: Depth of the names of the parts. 2 gives fer_ros.core and training, 3 their folders
            and files.
    """
    found: dict[str, set[str]] = {}
    for file in sorted([*ROOT.glob('fer_ros/**/*.py'), *ROOT.glob('training/**/*.py')]):
        module = '.'.join(file.relative_to(ROOT).with_suffix('').parts).removesuffix('.__init__')
        if module in ENTRY_POINTS or module == 'fer_ros':
            continue
        part = _part(module, depth)
        tree = ast.parse(file.read_text(encoding='utf-8'))
        found.setdefault(part, set()).update(
            other for name in _imports(tree) if (other := _part(name, depth)) != part
        )
    return {part: {other for other in needs if other in found} for part, needs in found.items()}


def _imports(tree: ast.AST) -> Iterable[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            if node.module.split('.')[0] in ('fer_ros', 'training'):
                yield from (f'{node.module}.{alias.name}' for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def _part(module: str, depth: int) -> str:
    """Return the part of the code that contains a module, or '' for other packages."""
    names = module.split('.')
    if names[0] == 'training':
        return '.'.join(names[: depth - 1])
    return '.'.join(names[:depth]) if names[0] == 'fer_ros' and len(names) > 1 else ''


def layers(needs: Mapping[str, set[str]]) -> list[list[str]]:
    """Return the parts in layers. Each needs only lower layers. Raises ValueError for a cycle.

    The first layer has no dependencies.
    """
    depth: dict[str, int] = {}
    while len(depth) < len(needs):
        ready = [
            part for part, others in needs.items() if part not in depth and others <= depth.keys()
        ]
        if not ready:
            ring = ', '.join(sorted(needs.keys() - depth.keys()))
            raise ValueError(f'these parts import each other: {ring}')
        depth.update(
            {part: 1 + max((depth[other] for other in needs[part]), default=-1) for part in ready}
        )
    return [
        sorted(part for part in depth if depth[part] == level)
        for level in range(max(depth.values()) + 1)
    ]


def direct(needs: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Return the dependencies, without those that follow from others."""

    def reach(part: str) -> set[str]:
        return needs[part].union(*map(reach, needs[part]))

    return {
        part: {
            other
            for other in others
            if not any(other in reach(third) for third in others - {other})
        }
        for part, others in needs.items()
    }


def diagram() -> str:
    """Return the drawing. Arrows point to the imported part."""
    name = 'packages'
    needs = dependencies()
    rows = layers(needs)[::-1]
    width = max(len(row) for row in rows) * (_WIDTH + _GAP) + _GAP
    place = {
        part: (
            width / 2 + (column - (len(row) - 1) / 2) * (_WIDTH + _GAP),
            _HEIGHT / 2 + 4 + level * _STEP,
        )
        for level, row in enumerate(rows)
        for column, part in enumerate(row)
    }
    parts = []
    for part, others in direct(needs).items():
        for other in sorted(others):
            (x1, y1), (x2, y2) = place[part], place[other]
            parts.append(svg.arrow(name, x1, y1 + _HEIGHT / 2, x2, y2 - _HEIGHT / 2 - 1))
    for part, (x, y) in place.items():
        parts += [svg.box(x, y, _WIDTH, _HEIGHT), svg.text(x, y, part, 'title code')]
    described = '; '.join(
        f'{part} imports {", ".join(sorted(others)) or "no other part"}'
        for part, others in needs.items()
    )
    return svg.drawing(name, described, width, len(rows) * _STEP - _STEP + _HEIGHT + 8, parts)

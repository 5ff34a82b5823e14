"""What doctor can find, read from its source: text, meaning and remedy of each finding."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fer_ros.ros.contract.markdown import table

DOCTOR = Path(__file__).resolve().parents[3] / 'fer_ros' / 'cli' / 'doctor'

#: Where a value stands in a text that is only known when doctor runs.
GAP = '…'

_TITLES = {
    'machine': 'The machine',
    'middleware': 'The environment of this shell',
    'system': 'The running system',
}


@dataclass(frozen=True)
class Entry:
    """A finding as it is written in the source, values replaced by GAP."""

    level: str
    text: str
    meaning: str
    remedy: str


def findings() -> str:
    """Return a section with a table for each module of doctor that judges."""
    parts = []
    for module, title in _TITLES.items():
        entries = [
            entry
            for entry in read(DOCTOR / f'{module}.py')
            if entry.text.strip(f'{GAP} ') and entry.meaning.strip(GAP)
        ]
        parts += [
            f'### {title}',
            table(
                ('doctor says', 'that means', 'do'),
                [
                    (_escape(entry.text), _escape(entry.meaning), _escape(entry.remedy))
                    for entry in entries
                ],
            ),
        ]
    return '\n\n'.join(parts)


def read(file: Path) -> list[Entry]:
    """Return the warnings and problems that a module can report, in its order."""
    tree = ast.parse(file.read_text(encoding='utf-8'))
    constants = _assignments(tree.body)
    entries = []
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            names = {**constants, **_assignments(function.body)}
            entries += [_entry(call, names) for call in _reports(function)]
    return entries


def _assignments(body: list[ast.stmt]) -> dict[str, ast.expr]:
    """Return what names stand for, the first value of each."""
    found: dict[str, ast.expr] = {}
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                found.setdefault(node.targets[0].id, node.value)
    return found


def _reports(function: ast.FunctionDef) -> Iterator[ast.Call]:
    for node in ast.walk(function):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and (node.func.id in ('warning', 'problem'))
        ):
            yield node


def _entry(call: ast.Call, names: dict[str, ast.expr]) -> Entry:
    assert isinstance(call.func, ast.Name)
    texts = [_text(argument, names) for argument in call.args]
    texts += [''] * (3 - len(texts))
    return Entry(call.func.id, *texts[:3])


def _text(node: ast.expr, names: dict[str, ast.expr]) -> str:
    """Return the text an expression gives, with GAP for what only a run can tell."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return ''.join(_text(part, names) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return _text(node.value, names)
    if isinstance(node, ast.Name) and node.id in names:
        # Without itself: a name may be built from its own first value.
        return _text(names[node.id], {k: v for k, v in names.items() if k != node.id})
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _text(node.left, names) + _text(node.right, names)
    return GAP


def _escape(text: str) -> str:
    for character in '*_<>[]':
        text = text.replace(character, f'\\{character}')
    return text

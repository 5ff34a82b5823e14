"""Small pieces of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; cells are Markdown, `|` in them is escaped here."""
    lines = [_row(head), '|' + '---|' * len(head)]
    return '\n'.join([*lines, *map(_row, rows)])


def _row(cells: Sequence[str]) -> str:
    return '| ' + ' | '.join(cell.replace('|', '\\|').replace('\n', ' ') for cell in cells) + ' |'


def code(text: object) -> str:
    """Return text as inline code, nothing for nothing."""
    return f'`{text}`' if str(text) else ''


def sentence(text: str) -> str:
    """Return a description with a capital and a full stop; a name keeps its case."""
    text = text.strip()
    first = text.split(maxsplit=1)[0] if text else ''
    text = text if '_' in first else text[:1].upper() + text[1:]
    return text if text.endswith(('.', '?', '!')) else f'{text}.'

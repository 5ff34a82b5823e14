"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable


def table(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a table."""
    header = list(header)
    lines = ['| ' + ' | '.join(header) + ' |', '|' + '---|' * len(header)]
    lines += ['| ' + ' | '.join(map(_text, row)) + ' |' for row in rows]
    return '\n'.join(lines)


def _text(value: object) -> str:
    if isinstance(value, float):
        return f'{value:.2f}' if abs(value) < 10 else f'{value:.1f}'
    return str(value)

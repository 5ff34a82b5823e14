"""Conversion of the docstrings of this project to reStructuredText.

They are prose. A line can start with `name: meaning` or `name, other: meaning`. Continuation lines
are indented, and another name can follow a full stop. These entries become a list.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_NAMES = r'[a-z_]\w*(?:, [a-z_]\w*)*: '
_NAMED = re.compile(rf'(?P<names>{_NAMES})(?P<text>\S.*)')
_NEXT = re.compile(rf'(?<=\.) (?={_NAMES})')


def as_restructured_text(lines: Sequence[str]) -> list[str]:
    """Return the lines of a docstring with named entries as a list."""
    result: list[str] = []
    entry = ''
    for line in lines:
        if entry and line.startswith(' '):
            entry += f' {line.strip()}'
            continue
        result += _items(entry)
        entry = line if _NAMED.fullmatch(line) else ''
        if entry:
            result += [''] if result and not result[-1].startswith('* ') else []
        else:
            result += (
                ['', _inline(line)] if result and result[-1].startswith('* ') else [_inline(line)]
            )
    return [*result, *_items(entry), '']


def _items(entry: str) -> list[str]:
    """Return an entry as list items, one for each group of names."""
    items = []
    for part in _NEXT.split(entry) if entry else []:
        match = _NAMED.fullmatch(part)
        assert match is not None
        names = ', '.join(f'**{name}**' for name in match['names'][:-2].split(', '))
        items.append(f'* {names}: {_inline(match["text"])}')
    return items


def _inline(text: str) -> str:
    """Escape markup of reStructuredText. Text in backticks is code."""
    pieces = re.split(r'(`[^`]+`)', text)
    return ''.join(
        f'`{piece}`' if piece.startswith('`') else re.sub(r'([*|\\]|_\b)', r'\\\1', piece)
        for piece in pieces
    )

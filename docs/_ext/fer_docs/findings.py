"""The warnings and problems that doctor can report, with meaning and remedy."""

from __future__ import annotations

import re

from fer_ros.cli.doctor.catalogue import Entry, Environment, Machine, Packages, System
from fer_ros.ros.contract.markdown import table

_TITLES = {
    Packages: 'Python packages',
    Machine: 'The machine',
    Environment: 'The environment of this shell',
    System: 'The running system',
}


def findings() -> str:
    """Return a section with a table for each group of findings."""
    parts = []
    for group, title in _TITLES.items():
        # Some findings are only the text of an error, and some have two levels.
        rows = dict.fromkeys(_row(entry) for entry in group if entry.text != '{error}')
        parts += [f'### {title}', table(('doctor reports', 'meaning', 'remedy'), list(rows))]
    return '\n\n'.join(parts)


def _row(entry: Entry) -> tuple[str, ...]:
    return tuple(_markdown(text) for text in (entry.text, entry.meaning, entry.remedy))


def _markdown(text: str) -> str:
    """Return a text with the names of its values in italics."""
    escaped = re.sub(r'([*_<>\[\]])', r'\\\1', text)
    return re.sub(r'{(\w+).*?}', r'*\1*', escaped)

"""The generated texts of the pages, by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from fer_docs import (
    cards,
    commands,
    diagrams,
    findings,
    included,
    interfaces,
    packages,
    web,
)

ROOT = Path(__file__).resolve().parents[3]

#: Name to the function that writes the Markdown.
GENERATORS: Mapping[str, Callable[[], str]] = {
    'cards': cards.cards,
    'commands': commands.commands,
    'findings': findings.findings,
    'flow diagram': diagrams.flow,
    'messages': interfaces.messages,
    'package diagram': packages.diagram,
    'services': interfaces.services,
    'topics table': diagrams.topics,
    'training commands': commands.training_commands,
    'web routes': web.routes,
}

_GENERATED = re.compile(r'^<!-- generated: (.+?) -->$', re.MULTILINE)
#: In the repository, the link shows the place of the text.
_ELSEWHERE = re.compile(
    r'^\[[^\]]*\]\(\.\./(?P<file>[^)#]+)[^)]*\)<!-- (?P<what>text|program) -->$', re.MULTILINE
)


def fill_in(text: str) -> str:
    """Return a page with all markers replaced. Raises KeyError, OSError."""
    text = _ELSEWHERE.sub(_from_elsewhere, text)
    return _GENERATED.sub(lambda match: GENERATORS[match[1]](), text)


def _from_elsewhere(match: re.Match[str]) -> str:
    if match['what'] == 'program':
        return included.program_of(match['file'])
    return included.text_of(match['file'])

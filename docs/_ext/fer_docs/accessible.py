"""Additions to the pages for people who use a keyboard or a screen reader."""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

#: Elements that can be scrolled must be reachable by the keyboard.
_SCROLLED = ('<pre', '<div class="table-wrapper')

#: A signature in several lines, which Sphinx writes as a definition list without terms.
_SIGNATURE = re.compile(r'<dl>\n((?:<dd>.*?</dd>\n)+)</dl>', re.DOTALL)


def make_accessible(
    app: Sphinx,
    page: str,
    template: str,
    context: dict[str, Any],
    document: Any,
) -> None:
    """Make tables and code reachable by the keyboard, and add heading levels to captions."""
    body = context.get('body')
    if body is not None:
        for start in _SCROLLED:
            tag, _, rest = start.partition(' ')
            body = body.replace(start, f'{tag} tabindex="0"{rest and f" {rest}"}')
        context['body'] = _SIGNATURE.sub(_as_lines, body)
    navigation = context.get('furo_navigation_tree')
    if navigation is not None:
        context['furo_navigation_tree'] = navigation.replace(
            'role="heading"', 'role="heading" aria-level="2"'
        )


def _as_lines(signature: re.Match[str]) -> str:
    lines = signature[1].replace('<dd>', '<span class="signature-line">')
    return lines.replace('</dd>', '</span>')

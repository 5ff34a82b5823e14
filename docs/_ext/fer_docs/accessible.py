"""What pages lack for people who use a keyboard or a screen reader."""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

#: What can be scrolled can be reached by the keyboard.
_SCROLLED = ('<pre', '<div class="table-wrapper')

#: A signature in several lines: Sphinx writes a list of definitions without their terms.
_SIGNATURE = re.compile(r'<dl>\n((?:<dd>.*?</dd>\n)+)</dl>', re.DOTALL)


def make_accessible(
    app: Sphinx,
    page: str,
    template: str,
    context: dict[str, Any],
    document: Any,
) -> None:
    """Give tables and code a place in the order of the keyboard, and captions their level."""
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

"""SVG drawings inside a page, in the colours of its text."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

#: The arrow head for arrow(). Add it once to a drawing.
_HEAD = (
    '<defs><marker id="{name}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" '
    'markerHeight="8" orient="auto"><path d="M0 0 10 5 0 10z" fill="currentColor"/></marker>'
    '</defs>'
)


def drawing(
    name: str,
    description: str,
    width: float,
    height: float,
    parts: Sequence[str],
) -> str:
    """Return a figure as one block of HTML, without blank lines, which would end it in Markdown.

    Args:
        name: An id that is unique on the page.
        description: For people who cannot see the figure.
    """
    return '\n'.join(
        [
            f'<figure class="drawing" style="max-width: {width:g}px">',
            f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-labelledby="{name}-title" '
            'xmlns="http://www.w3.org/2000/svg">',
            f'<title id="{name}-title">{escape(description)}</title>',
            _HEAD.format(name=name),
            *parts,
            '</svg>',
            '</figure>',
        ]
    )


def box(x: float, y: float, width: float, height: float, style: str = 'node') -> str:
    """Return a box by its centre. `style` is a class of docs/_static/pages.css."""
    return (
        f'<rect class="{style}" x="{x - width / 2:g}" y="{y - height / 2:g}" '
        f'width="{width:g}" height="{height:g}" rx="6"/>'
    )


def text(x: float, y: float, content: str, style: str = '', anchor: str = 'middle') -> str:
    """Return a line of text, vertically centred on y."""
    return (
        f'<text class="{style}" x="{x:g}" y="{y:g}" text-anchor="{anchor}" '
        f'dominant-baseline="central">{escape(content)}</text>'
    )


def arrow(name: str, x1: float, y1: float, x2: float, y2: float) -> str:
    """Return an arrow in the drawing with this name."""
    return f'<path class="line" d="M{x1:g} {y1:g}L{x2:g} {y2:g}" marker-end="url(#{name})"/>'


def bracket(x: float, top: float, bottom: float, label: str) -> str:
    """Return a bracket that opens to the right, with its rotated label next to it."""
    middle = (top + bottom) / 2
    return (
        f'<path class="line" d="M{x + 8:g} {top:g}H{x:g}V{bottom:g}H{x + 8:g}"/>'
        f'<text class="label" transform="translate({x - 10:g} {middle:g}) rotate(-90)" '
        f'text-anchor="middle" dominant-baseline="central">{escape(label)}</text>'
    )

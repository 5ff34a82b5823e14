"""The colours of labels in the notation of web pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fer_ros.core.display.palette import COLOURS, Colour, colour_of, readable_on


def web_colour(label: str, class_names: Sequence[str]) -> str:
    """Return the colour of a label as #rrggbb."""
    return _hexadecimal(colour_of(label, class_names))


def web_ink(label: str, class_names: Sequence[str]) -> str:
    """Return the text colour that is readable on a label's colour, as #rrggbb."""
    return _hexadecimal(readable_on(colour_of(label, class_names)))


def palette() -> dict[str, Any]:
    """Return background and text colours for elements that the browser draws.

    Returns:
        `labels`: By label. `others`: For other classes of a model, by position. The last one is
        for no class.
    """
    own = [f'class {number}' for number in range(7)]
    return {
        'labels': {label: (web_colour(label, ()), web_ink(label, ())) for label in COLOURS},
        'others': [(web_colour(name, own), web_ink(name, own)) for name in (*own, '')],
    }


def _hexadecimal(colour: Colour) -> str:
    blue, green, red = colour
    return f'#{red:02x}{green:02x}{blue:02x}'

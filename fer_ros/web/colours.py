"""The colours of labels as pages write them."""

from __future__ import annotations

from collections.abc import Sequence

from fer_ros.core.display.drawing import Colour, colour_of, readable_on


def web_colour(label: str, class_names: Sequence[str]) -> str:
    """Return the colour of a label as #rrggbb."""
    return _hexadecimal(colour_of(label, class_names))


def web_ink(label: str, class_names: Sequence[str]) -> str:
    """Return the ink that stands out from a label's colour, as #rrggbb."""
    return _hexadecimal(readable_on(colour_of(label, class_names)))


def _hexadecimal(colour: Colour) -> str:
    blue, green, red = colour
    return f'#{red:02x}{green:02x}{blue:02x}'

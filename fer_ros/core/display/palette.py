"""The colours of labels and texts, all in BGR."""

from __future__ import annotations

from collections.abc import Sequence

from fer_ros.core.types import UNCERTAIN

Colour = tuple[int, int, int]

# The palette of Okabe and Ito (2008, 'Color Universal Design'). People with any common colour
# vision can distinguish its colours. Grey replaces its black, which is hard to see on a picture.
_ORANGE: Colour = (0, 159, 230)
_SKY_BLUE: Colour = (233, 180, 86)
_GREEN: Colour = (115, 158, 0)
_YELLOW: Colour = (66, 228, 240)
_BLUE: Colour = (178, 114, 0)
_VERMILLION: Colour = (0, 94, 213)
_PURPLE: Colour = (167, 121, 204)
GREY: Colour = (160, 160, 160)

#: Colours by label.
COLOURS: dict[str, Colour] = {
    'angry': _VERMILLION,
    'disgust': _GREEN,
    'fear': _PURPLE,
    'happy': _YELLOW,
    'sad': _BLUE,
    'surprise': _ORANGE,
    'neutral': _SKY_BLUE,
    UNCERTAIN: GREY,
}
_COLOURS_BY_INDEX = (_SKY_BLUE, _ORANGE, _GREEN, _YELLOW, _BLUE, _VERMILLION, _PURPLE)

#: Colours of texts.
DARK: Colour = (16, 16, 16)
LIGHT: Colour = (245, 245, 245)


def colour_of(label: str, class_names: Sequence[str]) -> Colour:
    """Return the colour of a label. Classes of other models get one by their position."""
    if label in COLOURS:
        return COLOURS[label]
    if label in class_names:
        return _COLOURS_BY_INDEX[class_names.index(label) % len(_COLOURS_BY_INDEX)]
    return GREY


def readable_on(colour: Colour) -> Colour:
    """Return the colour, dark or light, of a text on a background: the one with more contrast."""
    return max(DARK, LIGHT, key=lambda ink: contrast(ink, colour))


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast ratio of two colours as in WCAG 2.2, 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    """Return the relative luminance of sRGB, 0 to 1."""
    blue, green, red = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
        for share in (value / 255 for value in colour)
    )
    return 0.0722 * blue + 0.7152 * green + 0.2126 * red

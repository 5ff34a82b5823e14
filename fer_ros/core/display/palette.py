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
DARK: Colour = (30, 30, 30)
LIGHT: Colour = (245, 245, 245)


def colour_of(label: str, class_names: Sequence[str]) -> Colour:
    """Return the colour of a label. Classes of other models get one by their position."""
    if label in COLOURS:
        return COLOURS[label]
    if label in class_names:
        return _COLOURS_BY_INDEX[class_names.index(label) % len(_COLOURS_BY_INDEX)]
    return GREY


def readable_on(colour: Colour) -> Colour:
    """Return the colour, dark or light, of a text on a background."""
    blue, green, red = colour
    return DARK if 0.114 * blue + 0.587 * green + 0.299 * red > 110 else LIGHT

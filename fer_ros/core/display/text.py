"""Lines of text drawn onto a picture, with sizes as the height of a capital in pixels."""

from __future__ import annotations

import unicodedata

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.display.palette import DARK, Colour

#: Height of a capital that can still be read, pixels.
SMALLEST = 7.0

_FONT = cv2.FONT_HERSHEY_SIMPLEX
_CAPITAL_AT_SCALE_1 = 22.0


def text_width(text: str, height: float) -> int:
    """Return the width of a line of text, pixels."""
    scale = height / _CAPITAL_AT_SCALE_1
    return int(cv2.getTextSize(in_ascii(text), _FONT, scale, _stroke(height))[0][0])


def put_text(
    image: NDArray[np.uint8],
    text: str,
    left: int,
    baseline: int,
    height: float,
    colour: Colour,
    outline: bool = True,
) -> None:
    """Draw a line of text onto `image`, (H, W, 3) uint8, BGR, in place."""
    scale, stroke, at = height / _CAPITAL_AT_SCALE_1, _stroke(height), (left, baseline)
    text = in_ascii(text)
    if outline:
        cv2.putText(image, text, at, _FONT, scale, DARK, stroke + 2, cv2.LINE_AA)
    cv2.putText(image, text, at, _FONT, scale, colour, stroke, cv2.LINE_AA)


def in_ascii(text: str) -> str:
    """Return a text in the characters of OpenCV's font: 'ü' becomes 'u', and others '?'."""
    apart = unicodedata.normalize('NFKD', text)
    return ''.join(c if c.isascii() else '?' for c in apart if not unicodedata.combining(c))


def _stroke(height: float) -> int:
    return max(1, round(height / 9))

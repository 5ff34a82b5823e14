"""Draws apparent expressions onto a picture: box, label and, if there is room, all classes.

All sizes depend on the height of the picture and of the face, so that texts can be read at 320x240
and 1920x1080 and with many faces.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.display.palette import DARK, GREY, LIGHT, Colour, colour_of, readable_on
from fer_ros.core.display.text import SMALLEST, put_text, text_width
from fer_ros.core.pose.mean_face import TO_CENTER
from fer_ros.core.pose.rotation import matrix_of
from fer_ros.core.position import BOX_ASPECT, FACE_WIDTH
from fer_ros.core.types import EmotionSet, FaceEmotion

_TEXT_TO_IMAGE_HEIGHT = 0.021
_TEXT_TO_FACE_HEIGHT = 0.12
_WIDEST_LABEL = 1.5  # widths of the face; a longer one omits its confidence
_TAG_ROWS = 4  # heights of a tag within which it can stand above or below its face
_HIGHEST_BARS = 1.3  # heights of the face

#: Colours of the axes x, y and z of a head as in rviz, BGR, and their length in metres.
_AXES: tuple[Colour, ...] = ((40, 40, 230), (40, 190, 40), (230, 90, 40))
_AXIS_LENGTH = 0.12

#: Text on a picture without a face.
SEARCHING = 'searching for a face'


@dataclass(frozen=True, slots=True)
class DrawingConfig:
    """The parts that are drawn in addition to box and label.

    Attributes:
        ids: The id of the face, below its box.
        bars: One bar for each class, next to faces that are large enough, if it covers no other
            face.
        attributes: One bar for each further attribute, below the bars of the classes.
        axes: The axes of the head: x points out of the face (red), y to the person's left
            (green), z up (blue).
        searching: A line of text if there is no face.
    """

    ids: bool = True
    bars: bool = True
    attributes: bool = True
    axes: bool = False
    searching: bool = True


@dataclass(frozen=True, slots=True)
class _Area:
    """A rectangle in whole pixels."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.left + self.width

    @property
    def bottom(self) -> int:
        return self.top + self.height

    def is_free(self, image: NDArray[np.uint8], taken: Sequence[_Area]) -> bool:
        """Return whether it is completely in the image and overlaps no taken area."""
        height, width = image.shape[:2]
        within = self.left >= 0 and self.top >= 0 and self.right <= width and self.bottom <= height
        return within and not any(self._overlaps(other) for other in taken)

    def _overlaps(self, other: _Area) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def draw_emotions(
    image: NDArray[np.uint8], emotions: EmotionSet, config: DrawingConfig | None = None
) -> None:
    """Draw onto `image` in place.

    Args:
        image: (H, W, 3) uint8, BGR, writable: the image of `emotions` in full size.
    """
    config = config or DrawingConfig()
    if not emotions.faces:
        if config.searching:
            draw_notice(image, SEARCHING)
        return
    faces = [(face, _box_area(image, face)) for face in emotions.faces]
    # Small faces first, so that the boxes of large and near faces are on top.
    faces.sort(key=lambda face_and_area: face_and_area[1].height)
    taken = [area for _, area in faces]
    for face, area in faces:
        if config.axes:
            _draw_axes(image, face)
        taken += _draw_face(image, face, area, taken, emotions.class_names, with_id=config.ids)
    for face, area in reversed(faces):
        bars = _bars(face, emotions.class_names, config)
        panel = _place_bars(image, area, taken, bars) if bars else None
        if panel is not None:
            taken.append(panel)
            _draw_bars(image, panel, bars)


def draw_notice(image: NDArray[np.uint8], text: str) -> None:
    """Write a line of text onto `image` in place, at the bottom.

    Args:
        image: (H, W, 3) uint8, BGR, writable.
    """
    height = max(SMALLEST, image.shape[0] * _TEXT_TO_IMAGE_HEIGHT * 1.2)
    left = max(0, (image.shape[1] - text_width(text, height)) // 2)
    put_text(image, text, left, round(image.shape[0] - 2 * height), height, LIGHT)


def _box_area(image: NDArray[np.uint8], face: FaceEmotion) -> _Area:
    return _Area(*face.box.clipped(image.shape[1], image.shape[0]))


def _text_height(image: NDArray[np.uint8], area: _Area) -> float:
    """Return the height of a capital for a face, pixels."""
    largest = max(SMALLEST, image.shape[0] * _TEXT_TO_IMAGE_HEIGHT)
    return float(min(max(area.height * _TEXT_TO_FACE_HEIGHT, SMALLEST), largest))


def _draw_face(
    image: NDArray[np.uint8],
    face: FaceEmotion,
    area: _Area,
    taken: Sequence[_Area],
    class_names: Sequence[str],
    with_id: bool,
) -> list[_Area]:
    """Draw the box, the label on a tag of its colour above or below, and the id.

    Return the areas of the texts.
    """
    colour = colour_of(face.label_now, class_names)
    height = _text_height(image, area)
    stroke = max(1, round(height / 5), round(image.shape[0] / 540))
    corners = (area.left, area.top), (area.right, area.bottom)
    if stroke > 1:
        cv2.rectangle(image, *corners, DARK, stroke + 2)
    cv2.rectangle(image, *corners, colour, stroke)

    label = f'{face.label_text} {face.confidence:.0%}'
    if text_width(label, height) > _WIDEST_LABEL * area.width:
        label = face.label_text
    tag = _place_tag(image, label, height, area, taken)
    cv2.rectangle(image, (tag.left, tag.top), (tag.right, tag.bottom), colour, cv2.FILLED)
    baseline = round((tag.top + tag.bottom + height) / 2)
    padding = (tag.width - text_width(label, height)) // 2
    ink = readable_on(colour)
    put_text(image, label, tag.left + padding, baseline, height, ink, outline=False)

    line = _Area(area.left, area.bottom, area.width, round(2 * height))
    is_free = line.is_free(image, [*taken, tag])
    if with_id and is_free and text_width(face.face_id, height * 0.8) <= area.width:
        baseline = round(area.bottom + 1.8 * height)
        put_text(image, face.face_id, area.left, baseline, height * 0.8, LIGHT)
        return [tag, line]
    return [tag]


def _draw_axes(image: NDArray[np.uint8], face: FaceEmotion) -> None:
    """Draw the axes of the face frame from the point between the eyes, the rear ones first."""
    if face.head_pose is None:
        return
    turned = matrix_of(*face.head_pose.orientation)
    scale = face.box.height / (FACE_WIDTH * BOX_ASPECT)
    origin = np.array(face.box.center) - scale * (turned @ TO_CENTER)[:2]
    stroke = max(2, round(face.box.height / 60))
    for axis in np.argsort(-turned[2]):
        tip = origin + scale * _AXIS_LENGTH * turned[:2, axis]
        start, end = ([round(x), round(y)] for x, y in (origin.tolist(), tip.tolist()))
        for colour, width in ((DARK, stroke + 2), (_AXES[axis], stroke)):
            cv2.arrowedLine(image, start, end, colour, width, cv2.LINE_AA, tipLength=0.2)


def _place_tag(
    image: NDArray[np.uint8], text: str, height: float, area: _Area, taken: Sequence[_Area]
) -> _Area:
    """Return the area of a label: above its box or, if that covers a face or a label, below.

    If both are taken, it is next to its box, then some rows higher or lower. Above and below, it
    begins at the left edge of the box or ends at the right edge. If no area is free, it is above,
    moved into the picture.
    """
    tag_width = round(text_width(text, height) + 0.8 * height)
    tag_height = round(1.8 * height)
    left = min(area.left, max(image.shape[1] - tag_width, 0))
    rows = [
        (x, y)
        for row in range(_TAG_ROWS)
        for y in (area.top - (row + 1) * tag_height, area.bottom + row * tag_height)
        for x in (left, area.right - tag_width)
    ]
    sides = [(area.right, area.top), (area.left - tag_width, area.top)]
    places = [_Area(x, y, tag_width, tag_height) for x, y in (*rows[:4], *sides, *rows[4:])]
    for tag in places:
        if tag.is_free(image, taken):
            return tag
    return _Area(left, max(area.top - tag_height, 0), tag_width, tag_height)


def _bar_row(image: NDArray[np.uint8], area: _Area) -> int:
    """Return the height of one bar's row, pixels; a capital takes half of it."""
    return round(2 * max(SMALLEST, 0.7 * _text_height(image, area)))


@dataclass(frozen=True, slots=True)
class _Bar:
    """A row next to a face.

    Attributes:
        value: [0, 1].
    """

    name: str
    value: float
    colour: Colour


def _bars(face: FaceEmotion, class_names: Sequence[str], config: DrawingConfig) -> list[_Bar]:
    """Return a face's rows: classes in the model's order, then attributes."""
    bars = []
    if config.bars:
        bars += [
            _Bar(name, float(value), colour_of(name, class_names))
            for name, value in zip(class_names, face.probabilities, strict=True)
        ]
    if config.attributes:
        bars += [_Bar(name, float(value), GREY) for name, value in face.attributes.items()]
    return bars


def _names_width(bars: Sequence[_Bar], row: float) -> int:
    return round(max(text_width(bar.name, row / 2) for bar in bars) + row)


def _place_bars(
    image: NDArray[np.uint8], area: _Area, taken: Sequence[_Area], bars: Sequence[_Bar]
) -> _Area | None:
    """Return the area of the bars of a face: right or left of it. None if there is no room."""
    row = _bar_row(image, area)
    width, height = _names_width(bars, row) + 4 * row, (len(bars) + 1) * row
    if height > _HIGHEST_BARS * area.height:
        return None
    gap = row // 2
    top = min(area.top, image.shape[0] - height)
    for left in (area.right + gap, area.left - gap - width):
        panel = _Area(left, top, width, height)
        if panel.is_free(image, taken):
            return panel
    return None


def _draw_bars(image: NDArray[np.uint8], panel: _Area, bars: Sequence[_Bar]) -> None:
    """Draw a row for each bar: its name, then a bar as long as its value."""
    ground = image[panel.top : panel.bottom, panel.left : panel.right]
    np.floor_divide(ground, 3, out=ground)
    row = panel.height / (len(bars) + 1)
    name_left = panel.left + round(row / 2)
    bar_left = panel.left + _names_width(bars, row)
    longest = panel.right - bar_left - row / 2
    for index, bar in enumerate(bars):
        middle = panel.top + (index + 1) * row
        baseline = round(middle + row / 4)
        put_text(image, bar.name, name_left, baseline, row / 2, LIGHT, outline=False)
        cv2.rectangle(
            image,
            (bar_left, round(middle - row * 0.3)),
            (bar_left + round(longest * bar.value), round(middle + row * 0.3)),
            bar.colour,
            cv2.FILLED,
        )

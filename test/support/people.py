"""Pictures and clips of real people at known places, composed at test time from photographs.

The photographs are those of the demo (fer_ros/core/sources/portraits.py): two people in the public
domain, from installed packages. Backgrounds are photographs of things from scikit-image.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from support.clips import Image, Still, plain_wall

from fer_ros.core.sources.portraits import COLLINS, HOPPER, Portrait, load_portraits
from fer_ros.core.types import Box

#: Photographs of scikit-image without a person.
BACKGROUNDS = ('coffee.png', 'brick.png', 'rocket.jpg', 'grass.png', 'chelsea.png')

#: What is moved to change an expression: corner of the mouth, upper lip, lower lip, inner end and
#: outer end of the brow, eyelid. Right and down from the centre of the face, and the size of the
#: part, in heights of the reference box. What is not in the middle is moved on both sides alike.
_PARTS = (
    (0.20, 0.25, 0.09, 0.08),
    (0.00, 0.20, 0.10, 0.05),
    (0.00, 0.33, 0.12, 0.06),
    (0.09, -0.19, 0.07, 0.06),
    (0.24, -0.19, 0.08, 0.06),
    (0.18, -0.10, 0.08, 0.03),
)

#: How far each part moves, outwards and down. Found by search: the model `default` gives each of
#: these pictures its label with a probability above 0.8.
_EXPRESSIONS = {
    (COLLINS, 'angry'): (
        (-0.10, 0.10),
        (0.0, -0.02),
        (0.0, 0.01),
        (0.10, 0.10),
        (0.03, 0.04),
        (-0.03, 0.06),
    ),
    (COLLINS, 'happy'): (
        (0.06, -0.10),
        (0.0, -0.10),
        (0.0, -0.05),
        (0.10, -0.10),
        (0.10, -0.01),
        (-0.10, -0.09),
    ),
    (COLLINS, 'sad'): (
        (0.00, 0.09),
        (0.0, 0.06),
        (0.0, 0.10),
        (-0.01, 0.02),
        (-0.02, 0.10),
        (0.02, 0.10),
    ),
    (HOPPER, 'angry'): (
        (-0.09, 0.00),
        (0.0, -0.06),
        (0.0, 0.01),
        (0.01, 0.06),
        (0.05, 0.02),
        (-0.02, 0.09),
    ),
    (HOPPER, 'happy'): (
        (-0.03, -0.10),
        (0.0, 0.04),
        (0.0, 0.07),
        (0.00, -0.04),
        (-0.01, -0.03),
        (-0.04, 0.09),
    ),
    (HOPPER, 'sad'): (
        (0.02, 0.10),
        (0.0, -0.01),
        (0.0, -0.04),
        (-0.09, 0.02),
        (-0.01, 0.09),
        (0.07, 0.01),
    ),
    (HOPPER, 'neutral'): (
        (-0.10, -0.08),
        (0.0, -0.06),
        (0.0, -0.07),
        (-0.10, -0.09),
        (-0.01, -0.06),
        (0.06, 0.03),
    ),
}


@dataclass(frozen=True, slots=True)
class Person:
    """A person at a place in a picture.

    Attributes:
        x: Centre of the face, pixels.
        y: Centre of the face, pixels.
        height: Height of the reference box of the face, in pixels.
        roll: Degrees to the viewer's right.
        width: Factor for the width of the face, below 1 as in a turned head.
        gain: Factor for the brightness, at most 1.
        blur: Standard deviation in pixels.
        head_only: Whether the shoulders are omitted.
        expression: One of expressions(name). '' keeps the photograph as it is.
        strength: Strength of the expression.
    """

    name: str
    x: float
    y: float
    height: float
    mirrored: bool = False
    roll: float = 0.0
    width: float = 1.0
    gain: float = 1.0
    blur: float = 0.0
    head_only: bool = False
    expression: str = ''
    strength: float = 1.0


def expressions(name: str) -> tuple[str, ...]:
    """Return the labels that a person's face can be given by moving its parts."""
    return tuple(label for person, label in _EXPRESSIONS if person == name)


def compose(background: Image, people: Sequence[Person]) -> Still:
    """Return the background with people on it, later ones in front, and their reference boxes."""
    image = background.copy()
    return Still(image, tuple(_draw(image, person) for person in people))


def photographs() -> Path:
    """Return the folder of scikit-image's photographs, with astronaut.png in it.

    Raises ImportError where the package is not installed.
    """
    spec = importlib.util.find_spec('skimage')
    if spec is None or spec.origin is None:
        raise ImportError('no scikit-image, from which the photographs come')
    return Path(spec.origin).parent / 'data'


def installed() -> tuple[str, ...]:
    """Return the names of both people.

    Raises ImportError where the package with a photograph is not installed.
    """
    portraits, missing = load_portraits()
    if missing:
        raise ImportError(f'no {" and no ".join(missing)}, from which the photographs come')
    return tuple(portraits)


def groups() -> dict[str, Still]:
    """Return five pictures with six faces each, 44 to 120 pixels high, by name."""
    random = np.random.default_rng(5)
    found = {}
    for name in BACKGROUNDS:
        people = []
        for place in range(6):
            column, row = place % 3, place // 3
            people.append(
                Person(
                    (COLLINS, HOPPER)[(row + column) % 2],
                    130 + 190 * column + random.uniform(-20, 20),
                    120 + 220 * row + random.uniform(-15, 15),
                    random.uniform(44, 120),
                    mirrored=bool(random.integers(2)),
                    roll=random.uniform(-8, 8),
                    gain=random.uniform(0.7, 1.0),
                    blur=random.uniform(0.0, 1.2),
                    head_only=True,
                )
            )
        found[name] = compose(background(name), people)
    return found


def crowd() -> Still:
    """Return a picture of 29 people in three rows, faces 46 to 62 pixels high.

    Neighbours, and those in front of each other, are different people.
    """
    random = np.random.default_rng(29)
    people = []
    for row, count in enumerate((9, 11, 9)):
        for column in range(count):
            people.append(
                Person(
                    (COLLINS, HOPPER)[(row + column) % 2],
                    90 + (1280 - 180) * (column + random.uniform(-0.08, 0.08)) / (count - 1),
                    110 + 200 * row + random.uniform(-8, 8),
                    random.uniform(46, 62),
                    mirrored=bool(column // 2 % 2),
                    roll=random.uniform(-8, 8),
                    gain=random.uniform(0.7, 1.0),
                    head_only=True,
                )
            )
    return compose(background('gravel.png', (1280, 640)), people)


def one_person(name: str, frames: int, fps: float, unrest: float = 1.0) -> Iterator[Still]:
    """Yield a clip of one person who moves about, nods, turns, and is dim or blurred at times.

    Args:
        unrest: How much the head turns, and how dim and how blurred it gets, from 0.
    """
    for index in range(frames):
        time = index / fps
        yield compose(
            plain_wall(),
            [
                Person(
                    name,
                    320 + 120 * math.sin(0.9 * time),
                    230 + 25 * math.sin(1.7 * time),
                    120 + 25 * math.sin(0.6 * time),
                    roll=9 * unrest * math.sin(1.1 * time),
                    width=1 - 0.12 * unrest * math.sin(0.7 * time) ** 2,
                    gain=1 - 0.3 * unrest * math.sin(0.25 * time) ** 2,
                    blur=max(0.0, 1.8 * unrest * math.sin(0.8 * time)),
                    head_only=True,
                )
            ],
        )


def background(name: str, size: tuple[int, int] = (640, 480)) -> Image:
    """Return a photograph of scikit-image as bgr8 of width and height."""
    image = cv2.imread(str(photographs() / name), cv2.IMREAD_COLOR)
    if image is None:
        raise FileNotFoundError(photographs() / name)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _draw(image: Image, person: Person) -> Box:
    portrait = _portrait(
        person.name, person.mirrored, person.head_only, person.expression, person.strength
    )
    scale = person.height / portrait.face.height
    roll = math.radians(person.roll)
    turn = np.array([[math.cos(roll), -math.sin(roll)], [math.sin(roll), math.cos(roll)]])
    # Shrunk first: warpAffine takes samples, it does not average.
    shrunk = portrait.resized(min(scale, 1.0))
    linear = turn @ np.diag([person.width, 1.0]) * max(scale, 1.0)
    shift = np.array([person.x, person.y]) - linear @ np.array(shrunk.face.center)
    _blend(image, shrunk.image, np.column_stack([linear, shift]), person)
    width = portrait.face.width * scale * person.width
    return Box(person.x - width / 2, person.y - person.height / 2, width, person.height)


def _blend(
    image: Image, cut_out: NDArray[np.uint8], affine: NDArray[np.float64], person: Person
) -> None:
    """Draw premultiplied BGRA into the part of the image that it covers."""
    height, width = cut_out.shape[:2]
    corners = affine @ np.array([[0, width, 0, width], [0, 0, height, height], [1, 1, 1, 1]])
    margin = math.ceil(3 * person.blur)
    left, top = np.maximum(np.floor(corners.min(axis=1)).astype(int) - margin, 0)
    right, bottom = np.minimum(
        np.ceil(corners.max(axis=1)).astype(int) + margin, image.shape[1::-1]
    )
    if left >= right or top >= bottom:
        return
    affine[:, 2] -= (left, top)
    layer = cv2.warpAffine(cut_out, affine, (int(right - left), int(bottom - top)))
    if person.blur:
        layer = cv2.GaussianBlur(layer, (0, 0), person.blur)
    behind = image[top:bottom, left:right]
    opacity = layer[..., 3:].astype(np.float32) / 255
    behind[:] = np.rint(layer[..., :3] * np.float32(person.gain) + (1 - opacity) * behind)


@cache
def _portrait(
    name: str, mirrored: bool, head_only: bool, expression: str, strength: float
) -> Portrait:
    portrait = load_portraits()[0][name]
    if expression:
        moves = np.array(_EXPRESSIONS[name, expression]) * strength
        portrait = replace(portrait, image=_moved(portrait.image, portrait.face, moves))
    if head_only:
        portrait = replace(portrait, image=_faded_below(portrait.image, portrait.face))
    return portrait.mirrored() if mirrored else portrait


def _moved(image: NDArray[np.uint8], face: Box, moves: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return a cut-out person with the parts of the face moved."""
    rows, columns = np.mgrid[0 : image.shape[0], 0 : image.shape[1]].astype(np.float32)
    right = (columns - face.center[0]) / face.height
    down = (rows - face.center[1]) / face.height
    move_right, move_down = np.zeros_like(right), np.zeros_like(down)
    for (x, y, width, height), (outwards, downwards) in zip(_PARTS, moves, strict=True):
        for side in (1, -1) if x else (0,):
            near = np.exp(
                -(((right - side * x) / width) ** 2) / 2 - ((down - y) / height) ** 2 / 2
            )
            move_right += near * np.float32(side * outwards)
            move_down += near * np.float32(downwards)
    return np.asarray(
        cv2.remap(
            image,
            columns - move_right * face.height,
            rows - move_down * face.height,
            cv2.INTER_LINEAR,
        ),
        np.uint8,
    )


def _faded_below(image: NDArray[np.uint8], face: Box) -> NDArray[np.uint8]:
    """Return a cut-out person without what is below the neck."""
    end = face.y + 1.15 * face.height
    rows = np.arange(image.shape[0])
    kept = np.clip((end - rows) / (0.05 * face.height), 0, 1)
    return np.rint(image * kept[:, None, None]).astype(np.uint8)

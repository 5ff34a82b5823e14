"""Photographs of faces from packages on PyPI, cut out for the demo.

- Eileen Collins, 1999: NASA, public domain; scikit-image, `skimage.data.astronaut()`.
- Grace Hopper, 1984: US Navy, public domain; matplotlib's sample data, `grace_hopper.jpg`.
- Two brothers, about 1870: Robert Boning; scan by pellethepoet, CC BY 2.0; examples of Gramps,
  `O2.jpg` (its image_credits.md).
- Antoine Claudet, who died in 1867: public domain; examples of Gramps, `AntoineClaudet.png`.

Photographs are not retouched. They are only cut out along an outline that was traced by hand,
mirrored, scaled, rotated, and shown in another light.
"""

from __future__ import annotations

import importlib.util
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.errors import SourceError
from fer_ros.core.sources.pictures import read_picture
from fer_ros.core.types import Box

#: The outline is blurred by this many pixels, and moved inwards by as many. Small photographs are
#: enlarged first, to faces of at least this height. Otherwise, the edge would reach into the face.
_EDGE = 2
_LEAST_FACE_HEIGHT = 100

#: The brightness that another contrast does not change.
_MEDIUM = 0.45

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Photograph:
    """A photograph in an installed package, and the part of it that is shown.

    Attributes:
        package: Name on PyPI.
        load: Returns the photograph, (H, W, 3) uint8.
        size: Width, height, pixels.
        face: The reference box, measured with YuNet.
        outline: Outline of the person, in pixels of the photograph.
    """

    package: str
    load: Callable[[], NDArray[np.uint8]]
    size: tuple[int, int]
    face: Box
    outline: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Light:
    """The light in which a portrait is shown. It changes the brightness, not the colours.

    Attributes:
        gamma: Above 1 darker, below 1 lighter; black and white stay.
        contrast: Factor of the distance from a medium gray.
        from_right: Light that is added at the right edge of the face, as a share, and taken away
            at its left edge.
    """

    gamma: float = 1.0
    contrast: float = 1.0
    from_right: float = 0.0


AS_TAKEN = Light()


@dataclass(frozen=True, slots=True)
class Portrait:
    """A cut-out person: premultiplied BGRA, (H, W, 4) uint8, and the box of the face in it."""

    image: NDArray[np.uint8]
    face: Box

    def mirrored(self) -> Portrait:
        """Return the mirrored portrait."""
        x = self.image.shape[1] - self.face.x - self.face.width
        face = Box(x, self.face.y, self.face.width, self.face.height)
        return Portrait(np.ascontiguousarray(self.image[:, ::-1]), face)

    def relit(self, light: Light) -> Portrait:
        """Return the portrait in another light."""
        image = self.image.astype(np.float32) / 255
        # The colours are premultiplied, and so is their brightness.
        alpha = np.maximum(image[..., 3], 1 / 255)
        before = cv2.cvtColor(image[..., :3], cv2.COLOR_BGR2GRAY) / alpha
        x = np.arange(image.shape[1], dtype=np.float32)
        right = np.clip((x - self.face.center[0]) / self.face.width, -1, 1)
        after = np.clip(before * (1 + light.from_right * right), 0, 1) ** light.gamma
        after = np.clip(_MEDIUM + light.contrast * (after - _MEDIUM), 0, 1)
        image[..., :3] *= (after / np.maximum(before, 1 / 255))[..., None]
        np.minimum(image[..., :3], image[..., 3:], out=image[..., :3])
        return Portrait(np.rint(255 * image).astype(np.uint8), self.face)

    def resized(self, scale: float) -> Portrait:
        """Return the portrait at another size."""
        size = (round(self.image.shape[1] * scale), round(self.image.shape[0] * scale))
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        image = cv2.resize(self.image, size, interpolation=method)
        return Portrait(image.astype(np.uint8, copy=False), _scaled(self.face, scale))


def load_portraits() -> tuple[dict[str, Portrait], list[str]]:
    """Return the portraits by name, and the packages that are not installed.

    Raises:
        SourceError: No photograph is installed.
    """
    portraits: dict[str, Portrait] = {}
    missing: dict[str, None] = {}
    for name, photograph in PHOTOGRAPHS.items():
        try:
            image = photograph.load()
        except ImportError:
            missing[photograph.package] = None
            continue
        if image.shape[1::-1] != photograph.size:
            logger.warning(
                'the photograph in %s is not the expected one, so it is skipped',
                photograph.package,
            )
            continue
        portraits[name] = _cut_out(image, photograph)
    if COLLINS not in portraits:
        raise SourceError(
            'the demo needs a photograph from scikit-image: run pip install scikit-image'
        )
    return portraits, list(missing)


def _cut_out(image: NDArray[np.uint8], photograph: Photograph) -> Portrait:
    scale = max(1, math.ceil(_LEAST_FACE_HEIGHT / photograph.face.height))
    if scale > 1:
        image = np.asarray(
            cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8
        )
    mask = np.zeros(image.shape[:2], np.uint8)
    cv2.fillPoly(mask, [scale * np.array(photograph.outline, np.int32)], (255,))
    mask = cv2.erode(
        mask, np.ones((2 * _EDGE + 1, 2 * _EDGE + 1), np.uint8), borderType=cv2.BORDER_REPLICATE
    ).astype(np.uint8, copy=False)
    mask = cv2.GaussianBlur(mask, (0, 0), _EDGE * 0.75).astype(np.uint8, copy=False)
    premultiplied = cv2.multiply(image, cv2.merge([mask] * 3), scale=1 / 255)
    cut = cv2.merge([*cv2.split(premultiplied), mask]).astype(np.uint8, copy=False)
    return Portrait(cut, _scaled(photograph.face, scale))


def _scaled(box: Box, scale: float) -> Box:
    return Box(scale * box.x, scale * box.y, scale * box.width, scale * box.height)


def _load_astronaut() -> NDArray[np.uint8]:
    from skimage.data import astronaut

    return np.ascontiguousarray(astronaut()[..., ::-1], np.uint8)


def _load_file(package: str, path: str) -> NDArray[np.uint8]:
    """Read a file of an installed package without importing the package."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ImportError(f'{package} is not installed')
    file = Path(spec.origin).parent / path
    if not file.exists():
        raise ImportError(f'{package} is installed without its data')
    return read_picture(file)


def _load_example(
    name: str, size: tuple[int, int], part: tuple[int, int, int, int]
) -> NDArray[np.uint8]:
    """Read a part of an example picture of Gramps: left, top, right, bottom.

    A picture of another size than `size` is a different one. It is returned without changes.
    """
    try:
        files = metadata.files('gramps') or []
    except metadata.PackageNotFoundError as error:
        raise ImportError('gramps is not installed') from error
    paths = [Path(str(file.locate())) for file in files if file.name == name]
    if not paths or not paths[0].exists():
        raise ImportError('gramps is installed without its examples')
    image = read_picture(paths[0])
    left, top, right, bottom = part
    return image[top:bottom, left:right] if image.shape[1::-1] == size else image


def _load_brothers(part: tuple[int, int, int, int]) -> NDArray[np.uint8]:
    return _load_example('O2.jpg', (1232, 2048), part)


COLLINS, HOPPER = 'Eileen Collins', 'Grace Hopper'
STANDING_BOY, SEATED_BOY = 'a standing boy', 'a seated boy'
CLAUDET = 'Antoine Claudet'

PHOTOGRAPHS = {
    COLLINS: Photograph(
        'scikit-image', _load_astronaut, (512, 512), Box(178, 63, 90, 113),
        ((276, 31), (251, 19), (227, 16), (201, 23), (156, 58), (153, 68), (155, 98), (170, 116),
         (174, 128), (182, 140), (186, 158), (170, 155), (144, 163), (126, 178), (120, 196),
         (119, 212), (100, 222), (78, 235), (62, 258), (48, 314), (29, 392), (24, 457), (33, 511),
         (511, 511), (508, 470), (500, 440), (488, 405), (465, 375), (430, 352), (392, 343),
         (362, 347), (356, 302), (340, 262), (303, 233), (289, 203), (256, 174), (256, 163),
         (266, 137), (275, 134), (290, 117), (300, 92), (296, 58), (286, 40)),
    ),
    HOPPER: Photograph(
        'matplotlib',
        lambda: _load_file('matplotlib', 'mpl-data/sample_data/grace_hopper.jpg'),
        (512, 600), Box(183, 120, 170, 212),
        ((218, 31), (212, 43), (197, 49), (181, 64), (175, 85), (147, 104), (148, 143), (158, 158),
         (160, 172), (155, 188), (155, 222), (166, 262), (182, 284), (195, 300), (195, 320),
         (149, 346), (58, 383), (34, 408), (18, 496), (10, 599), (511, 599), (511, 432),
         (505, 431), (492, 393), (471, 380), (422, 366), (365, 342), (330, 313), (330, 300),
         (339, 269), (352, 268), (361, 262), (367, 227), (375, 207), (375, 192), (369, 183),
         (371, 134), (365, 89), (351, 86), (347, 70), (335, 56), (293, 38), (281, 27), (249, 23)),
    ),
    STANDING_BOY: Photograph(
        'gramps', lambda: _load_brothers((150, 380, 520, 1085)),
        (370, 705), Box(165, 70, 111, 137),
        ((148, 98), (150, 70), (156, 50), (170, 32), (195, 22), (220, 20), (250, 26), (275, 36),
         (290, 58), (300, 88), (300, 112), (294, 122), (290, 140), (280, 158), (272, 165),
         (265, 190), (252, 208), (248, 220), (275, 242), (298, 270), (315, 310), (330, 365),
         (343, 405), (346, 430), (344, 520), (340, 620), (339, 704), (72, 704), (75, 675),
         (50, 665), (30, 630), (24, 580), (28, 520), (25, 470), (30, 410), (37, 340), (60, 300),
         (90, 265), (125, 230), (150, 210), (168, 190), (160, 165), (152, 150), (147, 120)),
    ),
    SEATED_BOY: Photograph(
        'gramps', lambda: _load_brothers((500, 765, 860, 1150)),
        (360, 385), Box(102, 70, 107, 139),
        ((77, 84), (81, 65), (100, 34), (131, 19), (169, 17), (200, 34), (219, 59), (227, 84),
         (222, 115), (221, 134), (212, 146), (206, 165), (204, 190), (237, 200), (275, 221),
         (300, 246), (325, 290), (344, 352), (346, 384), (15, 384), (16, 350), (25, 290),
         (47, 240), (75, 215), (110, 202), (115, 190), (112, 177), (102, 159), (90, 152),
         (87, 115)),
    ),
    CLAUDET: Photograph(
        'gramps',
        lambda: _load_example('AntoineClaudet.png', (198, 244), (10, 25, 150, 190)),
        (140, 165), Box(56, 19, 26, 33),
        ((52, 23), (56, 17), (60, 11), (66, 7), (72, 6), (80, 8), (87, 13), (91, 20), (91, 28),
         (89, 33), (89, 38), (87, 43), (85, 47), (86, 53), (90, 56), (100, 60), (110, 63),
         (115, 70), (118, 78), (122, 88), (127, 97), (131, 105), (133, 115), (132, 125),
         (130, 135), (128, 145), (132, 153), (135, 164), (32, 164), (30, 155), (27, 140),
         (23, 125), (20, 117), (2, 110), (2, 103), (6, 98), (15, 93), (25, 87), (35, 77),
         (40, 69), (50, 64), (60, 60), (64, 55), (62, 50), (59, 43), (57, 35), (56, 29),
         (52, 26)),
    ),
}  # fmt: skip

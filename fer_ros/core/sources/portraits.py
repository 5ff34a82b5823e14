"""Real photographs of faces from packages of the Python registry, cut out for the demo.

- Eileen Collins, 1999: NASA, public domain; scikit-image, `skimage.data.astronaut()`.
- Grace Hopper, 1984: US Navy, public domain; matplotlib's sample data, `grace_hopper.jpg`.

Nothing is drawn or retouched: a photograph is only cut out along an outline that was traced by
hand, mirrored, scaled, turned and made lighter or darker.
"""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.errors import SourceError
from fer_ros.core.sources.pictures import read_picture
from fer_ros.core.types import Box

#: The outline is softened by this many pixels of the photograph, and drawn in by as many.
_EDGE = 2

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Photograph:
    """A photograph in an installed package, and the part of it that is shown.

    Attributes:
        package: Name on PyPI.
        load: Returns the photograph, (H, W, 3) uint8.
        size: Width, height, pixels.
        face: The reference box, measured with YuNet.
        outline: Of the person, in pixels of the photograph.
    """

    package: str
    load: Callable[[], NDArray[np.uint8]]
    size: tuple[int, int]
    face: Box
    outline: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Portrait:
    """A cut-out person: premultiplied BGRA, (H, W, 4) uint8, and the face box in it."""

    image: NDArray[np.uint8]
    face: Box

    def mirrored(self) -> Portrait:
        """Return the portrait as in a mirror."""
        x = self.image.shape[1] - self.face.x - self.face.width
        face = Box(x, self.face.y, self.face.width, self.face.height)
        return Portrait(np.ascontiguousarray(self.image[:, ::-1]), face)

    def relit(self, gain: float) -> Portrait:
        """Return the portrait with its brightness multiplied by `gain`, at most 1."""
        image = self.image.copy()
        image[..., :3] = cv2.convertScaleAbs(image[..., :3], alpha=gain)
        return Portrait(image, self.face)

    def resized(self, scale: float) -> Portrait:
        """Return the portrait at another size."""
        size = (round(self.image.shape[1] * scale), round(self.image.shape[0] * scale))
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        face = Box(*(scale * v for v in (
            self.face.x, self.face.y, self.face.width, self.face.height)))  # fmt: skip
        image = cv2.resize(self.image, size, interpolation=method)
        return Portrait(image.astype(np.uint8, copy=False), face)


def load_portraits() -> tuple[dict[str, Portrait], list[str]]:
    """Return the portraits by name, and the packages that are not installed.

    Raises:
        SourceError: No photograph is installed.
    """
    portraits: dict[str, Portrait] = {}
    missing: list[str] = []
    for name, photograph in PHOTOGRAPHS.items():
        try:
            image = photograph.load()
        except ImportError:
            missing.append(photograph.package)
            continue
        if image.shape[1::-1] != photograph.size:
            logger.warning(
                'the photograph in %s is another one than expected: left out', photograph.package
            )
            continue
        portraits[name] = _cut_out(image, photograph)
    if COLLINS not in portraits:
        raise SourceError(
            'the demo needs a photograph that is in scikit-image: pip install scikit-image'
        )
    return portraits, missing


def _cut_out(image: NDArray[np.uint8], photograph: Photograph) -> Portrait:
    mask = np.zeros(image.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.array(photograph.outline, np.int32)], (255,))
    mask = cv2.erode(
        mask, np.ones((2 * _EDGE + 1, 2 * _EDGE + 1), np.uint8), borderType=cv2.BORDER_REPLICATE
    ).astype(np.uint8, copy=False)
    mask = cv2.GaussianBlur(mask, (0, 0), _EDGE * 0.75).astype(np.uint8, copy=False)
    premultiplied = cv2.multiply(image, cv2.merge([mask] * 3), scale=1 / 255)
    cut = cv2.merge([*cv2.split(premultiplied), mask]).astype(np.uint8, copy=False)
    return Portrait(cut, photograph.face)


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


COLLINS, HOPPER = 'Eileen Collins', 'Grace Hopper'

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
}  # fmt: skip

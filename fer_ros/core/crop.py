"""Cuts crops of faces: one function for run time, training, collection and tests.

Coordinates are continuous: pixel i covers [i, i + 1), in the frame and in the crop.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.errors import GeometryError
from fer_ros.core.imaging.channels import check_image, to_channels
from fer_ros.core.types import Crop, Detection, Frame

CHANNELS = ('gray', 'rgb', 'bgr')

#: Largest side of a crop, pixels.
LARGEST_SIZE = 1024

#: In profile, the eyes are close together, and the angle of their line is noise. Below this
#: distance, in box heights, the roll correction fades out. Frontal faces have 0.36.
SURE_EYE_DISTANCE = 0.15

#: Largest difference of the numbers of equal crop geometries, because cards round them.
GEOMETRY_TOLERANCE = 2e-3

#: Pixels that linear interpolation may touch beyond the crop's outline.
MARGIN = 2


@dataclass(frozen=True, slots=True)
class CropGeometry:
    """The region around a face that a crop shows, independent of its size in pixels.

    Attributes:
        box_scale: Side of the square divided by the height of the reference box, > 0.
        center: Centre of the box in the crop, x and y as fractions of the side.
        max_roll: Largest angle by which a face is rotated upright, [0, 180] degrees.
    """

    name: str
    box_scale: float
    center: tuple[float, float]
    max_roll: float

    def __post_init__(self) -> None:
        if not 0.0 < self.box_scale < math.inf:
            raise ValueError(f'{self.name}: box_scale must be above 0, got {self.box_scale}')
        if len(self.center) != 2 or not all(0.0 <= value <= 1.0 for value in self.center):
            raise ValueError(f'{self.name}: center must be two fractions, got {self.center}')
        if not 0.0 <= self.max_roll <= 180.0:
            raise ValueError(f'{self.name}: max_roll must be in [0, 180], got {self.max_roll}')

    def same_framing(self, other: CropGeometry) -> bool:
        """Return whether crops of both show the same region."""
        return np.allclose(
            (self.box_scale, *self.center, math.radians(self.max_roll)),
            (other.box_scale, *other.center, math.radians(other.max_roll)),
            rtol=0.0,
            atol=GEOMETRY_TOLERANCE,
        )


#: FER2013's own framing, measured with YuNet on its pictures: box 0.79 x 1.03 of the side.
FER2013 = CropGeometry('fer2013', box_scale=1 / 1.03, center=(0.50, 0.49), max_roll=45.0)

GEOMETRIES = {geometry.name: geometry for geometry in (FER2013,)}


@dataclass(frozen=True, slots=True)
class CropSpec:
    """The input of a classifier: framing, side in pixels, channels ('gray', 'rgb' or 'bgr')."""

    geometry: CropGeometry
    size: int
    channels: str = 'gray'

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ValueError(f'the size of a crop must be at least 1, got {self.size}')
        if self.channels not in CHANNELS:
            raise ValueError(f'the channels of a crop must be in {CHANNELS}, got {self.channels}')

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape of a crop: (size, size) for gray, otherwise (size, size, 3)."""
        return (self.size, self.size) if self.channels == 'gray' else (self.size, self.size, 3)

    def __str__(self) -> str:
        return (
            f'{self.geometry.name} (side {self.geometry.box_scale:.3f} box heights, centre '
            f'{self.geometry.center}, roll to {self.geometry.max_roll:g} degrees), '
            f'{self.size} x {self.size} {self.channels}'
        )


def cut_crop(frame: Frame, detection: Detection, spec: CropSpec) -> Crop:
    """Cut the square around a face, upright, in the size and channels of `spec`.

    The side of the square depends on the height of the box, its position on the centre of the
    box, and it is rotated around that centre by the roll of the eyes. A face larger than the crop
    is shrunk by area averaging. Outside the image, the edge pixels are repeated. The affine of the
    crop maps the continuous coordinates of boxes and landmarks, where pixel i covers [i, i + 1),
    to those of the crop.

    Raises:
        GeometryError: The size of the box is not finite and positive.
        EncodingError: The image does not match its encoding.
    """
    check_image(frame)
    box = detection.box
    side = spec.geometry.box_scale * box.height
    if not (math.isfinite(box.x + box.y + box.width + side) and side > 0.0):
        raise GeometryError(f'no crop can be cut for {box}: give a finite box with a size')
    to_crop = _source_to_crop(detection, side, spec)
    patch, patch_to_crop = _take_patch(frame, spec.channels, to_crop, side, spec.size)
    return Crop(_warp(patch, patch_to_crop, spec.size), np.array(to_crop.rows, np.float32))


def resample_crop(
    image: NDArray[np.uint8], source: CropSpec, target: CropSpec
) -> NDArray[np.uint8]:
    """Resize a crop of the same framing, and convert colour to gray.

    Args:
        image: uint8, (S, S) or (S, S, 3).
        source: Specification of the image.
        target: Specification of the result.

    Returns:
        The new crop, or `image` itself if nothing changes.

    Raises:
        GeometryError: The target cannot be made from the source. The error names both.
    """
    if image.shape != source.shape:
        raise GeometryError(f'a crop of shape {image.shape} does not match its spec {source}')
    if source == target:
        return image
    if not source.geometry.same_framing(target.geometry) or (
        source.channels == 'gray' and target.channels != 'gray'
    ):
        raise GeometryError(
            f'a crop in {source} cannot be converted to {target}: cut crops in the geometry of '
            'the model, or use a model for these crops'
        )
    if source.channels != 'gray':
        image = to_channels(image, f'{source.channels}8', target.channels)
    if source.size != target.size:
        shrinks = target.size < source.size
        interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        size = (target.size, target.size)
        image = np.asarray(cv2.resize(image, size, interpolation=interpolation), np.uint8)
    return image


def roll_angle(detection: Detection) -> float:
    """Return the angle of the line of the eyes, radians, positive clockwise in the image.

    It is 0 without landmarks. In profile, it fades to 0 (see SURE_EYE_DISTANCE).
    """
    if detection.landmarks is None:
        return 0.0
    dx, dy = (detection.landmarks[1] - detection.landmarks[0]).tolist()
    distance = math.hypot(dx, dy)
    if not distance > 0.0:
        return 0.0
    return math.atan2(dy, dx) * min(distance / (SURE_EYE_DISTANCE * detection.box.height), 1.0)


@dataclass(frozen=True, slots=True)
class _Similarity:
    """The map of (x, y) to (a x + b y + x0, a y - b x + y0).

    It uses plain numbers, because creating such small arrays takes longer than the computation.
    """

    a: float
    b: float
    x0: float
    y0: float

    @property
    def rows(self) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        """Return the 2x3 matrix."""
        return (self.a, self.b, self.x0), (-self.b, self.a, self.y0)

    def inverse(self) -> _Similarity:
        """Return the inverse."""
        square = self.a * self.a + self.b * self.b
        a, b = self.a / square, -self.b / square
        return _Similarity(a, b, -a * self.x0 - b * self.y0, b * self.x0 - a * self.y0)

    def after(self, scale: float, x: float, y: float) -> _Similarity:
        """Return the map that first scales points, then moves them by x, y, then applies this
        map."""
        return _Similarity(
            self.a * scale,
            self.b * scale,
            self.a * x + self.b * y + self.x0,
            self.a * y - self.b * x + self.y0,
        )

    def scaled(self, factor: float) -> _Similarity:
        """Return this map with its result scaled."""
        return _Similarity(factor * self.a, factor * self.b, factor * self.x0, factor * self.y0)


def _source_to_crop(detection: Detection, side: float, spec: CropSpec) -> _Similarity:
    """Return the map from source to crop coordinates."""
    max_roll = math.radians(spec.geometry.max_roll)
    roll = min(max(roll_angle(detection), -max_roll), max_roll)
    scale = spec.size / side
    cos, sin = scale * math.cos(roll), scale * math.sin(roll)
    x, y = detection.box.center
    crop_x, crop_y = spec.geometry.center[0] * spec.size, spec.geometry.center[1] * spec.size
    return _Similarity(cos, sin, crop_x - cos * x - sin * y, crop_y + sin * x - cos * y)


def _take_patch(
    frame: Frame, channels: str, to_crop: _Similarity, side: float, size: int
) -> tuple[NDArray[np.uint8], _Similarity]:
    """Return the part of the image under the crop, in the channels of the crop, and its map.

    A patch that is much finer than the crop is shrunk by an integer factor, so that the scale for
    _warp is between 2 and 4. The work then depends on the size of the crop, not of the face. The
    second value maps coordinates of the patch to those of the crop.
    """
    back = to_crop.inverse()
    corners_x = (0.0, back.a * size, back.b * size, (back.a + back.b) * size)
    corners_y = (0.0, back.a * size, -back.b * size, (back.a - back.b) * size)
    factor = max(int(side / size / 2), 1)
    left, right = _span(back.x0 + min(corners_x), back.x0 + max(corners_x), frame.width, factor)
    top, bottom = _span(back.y0 + min(corners_y), back.y0 + max(corners_y), frame.height, factor)
    patch = frame.image[max(top, 0) : bottom, max(left, 0) : right]
    patch = to_channels(patch, frame.encoding, channels)
    beyond = (
        max(-top, 0),
        max(bottom - frame.height, 0),
        max(-left, 0),
        max(right - frame.width, 0),
    )
    if any(beyond):
        patch = np.asarray(cv2.copyMakeBorder(patch, *beyond, cv2.BORDER_REPLICATE), np.uint8)
    if factor > 1:
        shrunk = ((right - left) // factor, (bottom - top) // factor)
        patch = np.asarray(cv2.resize(patch, shrunk, interpolation=cv2.INTER_AREA), np.uint8)
    return patch, to_crop.after(factor, left, top)


def _span(least: float, most: float, limit: int, factor: int) -> tuple[int, int]:
    """Return the first and the end pixel of a span on one axis, in whole blocks of `factor`.

    The span ends at most one block outside the image, where only the edge is repeated, and
    contains at least one pixel of it.
    """
    first = (math.floor(least) // factor - MARGIN) * factor
    end = (math.ceil(most) // factor + 1 + MARGIN) * factor
    last_block = (limit - 1) // factor * factor
    return (
        min(max(first, -factor), last_block),
        min(max(end, factor), last_block + 2 * factor),
    )


def _warp(patch: NDArray[np.uint8], to_crop: _Similarity, size: int) -> NDArray[np.uint8]:
    """Resample the patch to the crop: interpolate at its resolution or higher, then average."""
    patch_pixels = 1.0 / math.hypot(to_crop.a, to_crop.b)
    fineness = max(math.ceil(patch_pixels - 1e-6), 1)
    # In cv2, whole numbers are pixel centres. In boxes, they are pixel edges.
    to_patch = to_crop.scaled(fineness).inverse().after(1.0, 0.5, 0.5)
    (a, b, x0), (c, d, y0) = to_patch.rows
    crop = cv2.warpAffine(
        patch,
        np.array(((a, b, x0 - 0.5), (c, d, y0 - 0.5))),
        (size * fineness, size * fineness),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    if fineness > 1:
        crop = cv2.resize(crop, (size, size), interpolation=cv2.INTER_AREA)
    return np.asarray(crop, np.uint8)

"""Detection whether a picture is a face crop, as models need it, or a photograph."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.crop import FER2013, CropGeometry, CropSpec, cut_crop
from fer_ros.core.detection.base import DetectorConfig, FaceDetector
from fer_ros.core.detection.select import create_detector
from fer_ros.core.errors import DetectorError
from fer_ros.core.models import ModelStore
from fer_ros.core.types import Box, Detection, Frame
from training.data.dataset import Dataset
from training.data.picture_files import decode_picture, read_picture

#: Side of the crop as a share of the picture, below which the picture is a photograph.
LEAST_SHARE = 0.6

#: Detectors find the face of a crop of this side, in pixels, with a border of BORDER sides.
CROP_SIDE = 192
BORDER = 0.25

#: Number of pictures of a data set to check, and the share of them that must show a face.
SAMPLE = 24
LEAST_FOUND = 1 / 3


def read_face(path: Path, spec: CropSpec) -> tuple[NDArray[np.uint8], str]:
    """Read a picture as the crop of a face.

    A crop is read unchanged. The largest face of a photograph is cropped as on the robot.

    Args:
        path: Path of the picture.
        spec: Specification of the crop, with channels 'gray' or 'rgb'.

    Returns:
        The crop, and a description of how it was made; '' if the picture is a crop.

    Raises:
        DataError: The file cannot be read.
    """
    whole = read_picture(path, spec.size, spec.channels)
    image = decode_picture(path)
    found = find_largest(image)
    if found is None:
        return whole, f'no face was found in {path}: the whole picture is used as the crop'
    face, count = found
    if _share(face.box, image, spec.geometry) >= LEAST_SHARE:
        return whole, ''
    crop = cut_crop(Frame(image, 'bgr8', 0), face, spec).image
    x, y = face.box.center
    which = 'the face' if count == 1 else f'the largest of {count} faces'
    return crop, f'{path} is a photograph: {which} at {x:.0f}, {y:.0f}, is cropped'


def photograph_warning(data: Dataset) -> str:
    """Return a warning if a data set contains photographs instead of crops, otherwise ''.

    It checks SAMPLE pictures. Without a detector, it returns ''.
    """
    which = np.unique(np.linspace(0, len(data) - 1, SAMPLE).astype(np.int64))
    shares = []
    for picture in data.pictures.load(which):
        code = cv2.COLOR_GRAY2BGR if picture.ndim == 2 else cv2.COLOR_RGB2BGR
        image = cv2.cvtColor(picture, code).astype(np.uint8, copy=False)
        found = find_largest(image)
        if found is not None:
            shares.append(_share(found[0].box, image, FER2013))
    if len(shares) < LEAST_FOUND * len(which) or np.median(shares) >= LEAST_SHARE:
        return ''
    return (
        f'the pictures are not face crops: the crop of a face is {np.median(shares):.0%} of a '
        'picture (median). Models need crops: create them with python -m training collect'
    )


def find_largest(image: NDArray[np.uint8]) -> tuple[Detection, int] | None:
    """Return the largest face of a bgr8 picture or crop and the number of faces, or None."""
    detector = _detector()
    if detector is None:
        return None
    scale = max(CROP_SIDE / min(image.shape[:2]), 1.0)
    larger = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
    border = round(BORDER * min(larger.shape[:2]))
    framed = cv2.copyMakeBorder(larger, border, border, border, border, cv2.BORDER_REPLICATE)
    faces = detector.detect(Frame(framed.astype(np.uint8, copy=False), 'bgr8', 0))
    if not faces:
        return None
    face = max(faces, key=lambda one: one.box.height)
    box = Box(
        (face.box.x - border) / scale, (face.box.y - border) / scale,
        face.box.width / scale, face.box.height / scale,
    )  # fmt: skip
    landmarks = None if face.landmarks is None else (face.landmarks - border) / scale
    return replace(face, box=box, landmarks=landmarks), len(faces)


@cache
def _detector() -> FaceDetector | None:
    try:
        return create_detector(DetectorConfig(), ModelStore())
    except DetectorError:
        return None


def _share(box: Box, image: NDArray[np.uint8], geometry: CropGeometry) -> float:
    """Return the side of the crop of the face as a share of the central square of the picture."""
    return float(geometry.box_scale * box.height / min(image.shape[:2]))

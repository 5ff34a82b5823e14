"""A face in a picture of any size is found once, and the cost of a picture is bounded."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest
from support.detectors import detectors, make_detector
from support.portraits import paint

from fer_ros.core.detection.base import DetectorConfig, FaceDetector, Search
from fer_ros.core.detection.pyramid import TILE_SIDE, PyramidDetector
from fer_ros.core.detection.search import FaceSearch
from fer_ros.core.detection.select import DETECTORS
from fer_ros.core.types import Box, Detection, Frame

CONFIG = DetectorConfig()


class Shortsighted(FaceDetector):
    """Finds white squares of 12 to 700 pixels. Of larger ones, it finds each corner."""

    name = 'short-sighted'
    max_pixels = 20_000_000

    def __init__(self) -> None:
        self.looks: list[tuple[int, int]] = []

    def detect(
        self, frame: Frame, scale: float = 1.0, confidence: float | None = None
    ) -> list[Detection]:
        self.looks.append((round(frame.width * scale), round(frame.height * scale)))
        contours, _ = cv2.findContours(frame.image, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        faces = []
        for x, y, width, height in map(cv2.boundingRect, contours):
            if height * scale > 700:
                side = 200 / scale
                faces += [
                    Detection(Box(left, top, side, side), 0.95)
                    for left in (x, x + width - side)
                    for top in (y, y + height - side)
                ]
            elif height * scale >= 12:
                faces.append(Detection(Box(x, y, width, height), 0.9))
        return faces


def squares(width: int, height: int, *places: tuple[int, int, int]) -> Frame:
    """Return a picture with white squares by left, top, side."""
    image = np.zeros((height, width), np.uint8)
    for left, top, side in places:
        image[top : top + side, left : left + side] = 255
    return Frame(image, 'mono8', 0)


def sides(faces: list[Detection]) -> list[float]:
    return sorted(face.box.height for face in faces)


@pytest.mark.parametrize('side', [12, 100, 128, 129, 320, 321, 640, 699, 1000, 2000, 3900])
def test_a_face_of_any_size_is_found_once_and_whole(side):
    detector = PyramidDetector(Shortsighted())
    for left, top in ((0, 0), (4096 - side, 4096 - side), ((4096 - side) // 2, 40)):
        (face,) = detector.detect(squares(4096, 4096, (left, top, side)))
        assert face.box == Box(left, top, side, side)


def test_a_face_on_the_border_of_two_tiles_is_found_once():
    detector = PyramidDetector(Shortsighted())
    for left in range(900, 1100, 7):
        (face,) = detector.detect(squares(2000, 700, (left, 300, 90)))
        assert face.box.x == left


def test_faces_of_all_sizes_are_found_together():
    places = (
        (50, 50, 2500),
        (2700, 60, 900),
        (2800, 1200, 300),
        (3500, 2500, 90),
        (100, 2800, 20),
    )
    found = PyramidDetector(Shortsighted()).detect(squares(4096, 3072, *places))
    assert sides(found) == sorted(side for _, _, side in places)


def test_a_small_picture_is_searched_once_at_its_own_size():
    inner = Shortsighted()
    PyramidDetector(inner).detect(squares(640, 480, (100, 100, 90)))
    assert inner.looks == [(640, 480)]


@pytest.mark.parametrize(('width', 'height'), [(8000, 8000), (30_000, 400), (1280, 720)])
def test_the_work_on_a_picture_is_bounded(width, height):
    inner = Shortsighted()
    (face,) = PyramidDetector(inner).detect(squares(width, height, (100, 100, 200)))
    assert face.box == Box(100, 100, 200, 200)
    assert max(max(look) for look in inner.looks) <= TILE_SIDE + 1
    searched = sum(width * height for width, height in inner.looks)
    assert searched <= 1.7 * min(inner.max_pixels, width * height)
    assert max(inner.looks[0]) <= inner.largest_face


def test_a_raised_input_scale_is_bounded_too():
    inner = Shortsighted()
    config = DetectorConfig(input_scale=4.0)
    inner.set_config(config)
    PyramidDetector(inner).detect(squares(4000, 4000))
    assert sum(16 * width * height for width, height in inner.looks) <= 1.7 * inner.max_pixels


def test_an_uncertain_detection_suppresses_no_face():
    class Doubting(Shortsighted):
        def detect(
            self, frame: Frame, scale: float = 1.0, confidence: float | None = None
        ) -> list[Detection]:
            faces = super().detect(frame, scale, confidence)
            doubtful = Detection(Box(0, 0, 1200, 1200), 0.2)
            return [*faces, doubtful] if frame.width == 1280 and scale < 1.0 else faces

    found = PyramidDetector(Doubting()).detect(squares(1280, 1280, (600, 600, 100)))
    assert sides(found) == [100]


def test_a_detector_for_all_sizes_gets_one_picture_of_bounded_size():
    inner = Shortsighted()
    inner.largest_face = math.inf
    PyramidDetector(inner).detect(squares(6000, 6000))
    ((width, height),) = inner.looks
    assert inner.max_pixels * 0.99 <= width * height <= inner.max_pixels * 1.01


@pytest.mark.parametrize('name', detectors(DETECTORS))
@pytest.mark.parametrize('height', [50, 150, 640, 800, 1200, 1900])
def test_a_photographed_face_is_found_once_at_any_size(name, height):
    side = max(640, round(1.3 * height))
    scene = paint(side, side, (0.5, 0.5, height))
    (face,) = make_detector(name).detect(scene.frame)
    assert face.box.iou(scene.faces[0]) > 0.55


def test_haar_finds_one_face_for_one_person():
    data = pytest.importorskip('skimage.data', reason='no scikit-image: its photograph is shown')
    photograph = cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR)
    image = cv2.resize(photograph, None, fx=0.885, fy=0.885, interpolation=cv2.INTER_AREA)
    image = cv2.copyMakeBorder(image, 120, 120, 120, 120, cv2.BORDER_REPLICATE)
    (face,) = make_detector('haar').detect(Frame(image, 'bgr8', 0))
    assert 80 < face.box.height < 120


@pytest.mark.parametrize('name', detectors(['retinaface', 'yunet']))
def test_the_smallest_requested_face_is_found(name):
    (face,) = make_detector(name).detect(paint(640, 480, (0.5, 0.5, 20)).frame)
    assert face.box.height == pytest.approx(20, abs=5)


def test_near_and_far_people_are_found_in_one_large_picture():
    scene = paint(
        4000, 3000, (0.27, 0.4, 1500), (0.62, 0.25, 420), (0.8, 0.3, 110), (0.9, 0.3, 30)
    )
    found = make_detector('retinaface').detect(scene.frame)
    assert len(found) == 4
    for face in scene.faces:
        assert max(face.iou(other.box) for other in found) > 0.5


@pytest.mark.parametrize('search', Search)
def test_a_near_face_in_a_large_picture_stays_one_face(search):
    scene = paint(1920, 1440, (0.5, 0.5, 1300))
    faces = FaceSearch(make_detector('retinaface', search=search))
    for index in range(4):
        frame = replace(scene.frame, stamp=index * 33_000_000)
        (face,) = faces.detect(frame)
        assert face.box.iou(scene.faces[0]) > 0.7

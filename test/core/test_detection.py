"""Detectors on real photographs: boxes, landmarks, encodings, scale."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from fer_ros.core.detection.base import (
    BoxMapping,
    DetectorConfig,
    FaceDetector,
    scaled_image,
    suppress_overlaps,
)
from fer_ros.core.detection.select import DETECTORS, create_detector
from fer_ros.core.errors import DetectorError, EncodingError
from fer_ros.core.types import Box, Detection, Frame

#: The box YuNet gives on the astronaut, and the least overlap with it: Haar's boxes are coarse.
ASTRONAUT = Box(178.2, 62.9, 89.9, 113.3)
LEAST_OVERLAP = {'retinaface': 0.8, 'yunet': 0.8, 'haar': 0.65}


class FolderStore:
    """A store that knows one folder and trusts it."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def find_file(self, filename: str, sha256: str) -> Path | None:
        path = self._folder / filename if self._folder else None
        return path if path and path.is_file() else None


@pytest.fixture(scope='session')
def store(request: pytest.FixtureRequest) -> FolderStore:
    return FolderStore(request.getfixturevalue('shared_models'))


def make(name: str, store: FolderStore, **config: object) -> FaceDetector:
    try:
        return create_detector(name, DetectorConfig(**config), store)
    except DetectorError as error:
        pytest.skip(f'{name} cannot be had here: {error}')


def read(path: Path, encoding: str = 'bgr8') -> Frame:
    image = cv2.imread(str(path))
    codes = {
        'mono8': cv2.COLOR_BGR2GRAY,
        'rgb8': cv2.COLOR_BGR2RGB,
        'bgra8': cv2.COLOR_BGR2BGRA,
        'rgba8': cv2.COLOR_BGR2RGBA,
    }
    return Frame(cv2.cvtColor(image, codes[encoding]) if encoding in codes else image, encoding, 0)


def overlap(a: Box, b: Box) -> float:
    width = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    height = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    intersection = max(width, 0.0) * max(height, 0.0)
    return intersection / (a.area + b.area - intersection)


def contains(box: Box, point: tuple[float, float]) -> bool:
    return box.x <= point[0] <= box.x + box.width and box.y <= point[1] <= box.y + box.height


def count_found(labels: list[Box], detections: list[Detection]) -> int:
    """Count labels that are found, one detection for each.

    The labels are squares from brow to chin, the reference box is higher and narrower: each must
    hold the other's centre and share 30 % of the common area.
    """
    scores = np.zeros((len(labels), len(detections)))
    for row, label in enumerate(labels):
        for column, detection in enumerate(detections):
            box = detection.box
            if contains(label, box.center) and contains(box, label.center):
                scores[row, column] = overlap(label, box)
    rows, columns = linear_sum_assignment(-scores)
    return int((scores[rows, columns] >= 0.3).sum())


@pytest.mark.parametrize('name', DETECTORS)
def test_one_face_is_found_once_and_in_the_reference_box(name, store, shared_media):
    (found,) = make(name, store).detect(read(shared_media / 'astronaut.png'))
    assert overlap(found.box, ASTRONAUT) > LEAST_OVERLAP[name]
    assert 0.7 <= found.confidence <= 1.0


@pytest.mark.parametrize('name', ['retinaface', 'yunet'])
def test_landmarks_come_left_before_right_as_seen_in_the_image(name, store, shared_media):
    (found,) = make(name, store).detect(read(shared_media / 'astronaut.png'))
    left_eye, right_eye, nose, left_mouth, right_mouth = found.landmarks
    assert found.landmarks.dtype == np.float32
    assert left_eye[0] < nose[0] < right_eye[0]
    assert left_mouth[0] < nose[0] < right_mouth[0]
    assert max(left_eye[1], right_eye[1]) < nose[1] < min(left_mouth[1], right_mouth[1])
    np.testing.assert_allclose((left_eye + right_eye) / 2, (225, 102), atol=5)


def test_haar_gives_no_landmarks(store, shared_media):
    (found,) = make('haar', store).detect(read(shared_media / 'astronaut.png'))
    assert found.landmarks is None


@pytest.mark.parametrize('name', DETECTORS)
@pytest.mark.parametrize('encoding', ['rgb8', 'bgra8', 'rgba8', 'mono8'])
def test_every_encoding_gives_the_same_face(name, encoding, store, shared_media):
    detector = make(name, store)
    (expected,) = detector.detect(read(shared_media / 'astronaut.png'))
    frame = read(shared_media / 'astronaut.png', encoding)
    frame.image.flags.writeable = False
    (found,) = detector.detect(frame)
    if encoding == 'mono8':
        assert overlap(found.box, expected.box) > 0.85
    else:
        assert found.box == expected.box


@pytest.mark.parametrize('name', DETECTORS)
@pytest.mark.parametrize('scale', [0.5, 0.73, 1.5])
def test_input_scale_leaves_results_in_source_pixels(name, scale, store, shared_media):
    (found,) = make(name, store, input_scale=scale).detect(read(shared_media / 'astronaut.png'))
    assert overlap(found.box, ASTRONAUT) > LEAST_OVERLAP[name]


@pytest.mark.parametrize('name', DETECTORS)
def test_faces_below_the_smallest_size_are_left_out(name, store, shared_media):
    frame = read(shared_media / 'astronaut.png')
    assert len(make(name, store, min_face_size=90.0).detect(frame)) == 1
    assert make(name, store, min_face_size=160.0).detect(frame) == []


@pytest.mark.parametrize('name', DETECTORS)
def test_frames_may_change_in_size_and_be_empty(name, store, shared_media):
    detector = make(name, store)
    frame = read(shared_media / 'astronaut.png')
    assert detector.detect(Frame(np.full((100, 333, 3), 90, np.uint8), 'bgr8', 0)) == []
    assert len(detector.detect(frame)) == 1
    assert detector.detect(Frame(np.zeros((7, 5), np.uint8), 'mono8', 0)) == []
    assert len(detector.detect(frame)) == 1


@pytest.mark.parametrize('name', DETECTORS)
def test_an_image_that_does_not_fit_its_encoding_is_refused(name, store):
    detector = make(name, store)
    for shape, encoding in (((40, 40), 'bgr8'), ((40, 40, 3), 'rgba8'), ((40, 40), 'mono16')):
        with pytest.raises(EncodingError, match=encoding):
            detector.detect(Frame(np.zeros(shape, np.uint8), encoding, 0))


@pytest.mark.parametrize(('name', 'least'), [('retinaface', 27), ('yunet', 27), ('haar', 25)])
def test_the_faces_of_the_solvay_photograph_are_found(name, least, store, shared_media):
    found = make(name, store).detect(read(shared_media / 'solvay_1927_b.jpg'))
    assert least <= len(found) <= 32
    assert all(a.confidence >= b.confidence for a, b in pairwise(found))


@pytest.mark.parametrize(
    ('name', 'share', 'false'), [('retinaface', 0.95, 1), ('yunet', 0.95, 1), ('haar', 0.8, 1)]
)
def test_labelled_faces_are_found_with_hardly_a_false_one(name, share, false, store, shared_media):
    detector = make(name, store)
    labels = json.loads((shared_media / 'voc' / 'boxes.json').read_text())
    labelled = found = detected = 0
    for filename, boxes in labels.items():
        detections = detector.detect(read(shared_media / 'voc' / filename))
        labelled += len(boxes)
        detected += len(detections)
        found += count_found([Box(*box) for box in boxes], detections)
    assert labelled == 30
    assert found >= share * labelled
    assert detected - found <= false


def test_box_mapping_moves_and_stretches_about_the_centre():
    mapping = BoxMapping(width=0.5, height=2.0, shift_x=0.1, shift_y=-0.25)
    assert mapping.to_reference(100, 200, 40, 80) == Box(114.0, 140.0, 20.0, 160.0)


def test_of_overlapping_boxes_the_most_certain_stays():
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [30, 0, 40, 10], [8, 0, 18, 10]], np.float32)
    scores = np.array([0.8, 0.9, 0.7, 0.75], np.float32)
    assert suppress_overlaps(boxes, scores, 0.4) == [1, 3, 2]
    assert suppress_overlaps(boxes[:0], scores[:0], 0.4) == []


def test_an_image_at_scale_one_is_not_copied():
    image = np.zeros((6, 8), np.uint8)
    assert scaled_image(Frame(image, 'mono8', 0), 1.0) is image
    assert scaled_image(Frame(image, 'mono8', 0), 0.5).shape == (3, 4)


@pytest.mark.parametrize(
    ('field', 'value'),
    [
        ('confidence', 1.1),
        ('confidence', float('nan')),
        ('input_scale', 0.0),
        ('min_face_size', -1.0),
        ('threads', 0),
        ('haar_scale_factor', 1.0),
        ('haar_min_neighbors', 0),
    ],
)
def test_a_configuration_out_of_range_is_refused(field, value):
    with pytest.raises(ValueError, match=field):
        DetectorConfig(**{field: value})

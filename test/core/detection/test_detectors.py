"""Detectors on real photographs: boxes, landmarks, encodings, scale."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from support import extra_media, people
from support.detectors import detectors, make_detector
from support.proc import holdings

from fer_ros.core.detection.base import (
    BoxMapping,
    DetectorConfig,
    HalvedFrame,
    half_of,
    scaled_image,
    suppress_overlaps,
)
from fer_ros.core.detection.select import DETECTORS
from fer_ros.core.errors import EncodingError
from fer_ros.core.types import Box, Detection, Frame

#: The box YuNet gives on the astronaut, and the least overlap with it: Haar's boxes are coarse.
ASTRONAUT = Box(178.2, 62.9, 89.9, 113.3)
LEAST_OVERLAP = {'retinaface': 0.8, 'yunet': 0.8, 'haar': 0.65}


#: Of the 29 faces of a crowd, and of 30 labelled ones: Haar finds fewer.
LEAST_OF_CROWD = {'retinaface': 27, 'yunet': 27, 'haar': 25}
SHARE_OF_LABELLED = {'retinaface': 0.95, 'yunet': 0.95, 'haar': 0.8}
CROWDS = [
    pytest.param(lambda: people.crowd().image, id='composed'),
    pytest.param(extra_media.solvay_conference, id='Solvay', marks=pytest.mark.extra('media')),
]
LABELLED = [
    pytest.param(people.groups, id='composed'),
    pytest.param(extra_media.labelled_photographs, id='VOC', marks=pytest.mark.extra('media')),
]

#: Every detector, YuNet where its file is.
EACH = detectors(DETECTORS)


def read(path: Path, encoding: str = 'bgr8') -> Frame:
    image = cv2.imread(str(path))
    codes = {
        'mono8': cv2.COLOR_BGR2GRAY,
        'rgb8': cv2.COLOR_BGR2RGB,
        'bgra8': cv2.COLOR_BGR2BGRA,
        'rgba8': cv2.COLOR_BGR2RGBA,
    }
    return Frame(cv2.cvtColor(image, codes[encoding]) if encoding in codes else image, encoding, 0)


def contains(box: Box, point: tuple[float, float]) -> bool:
    return box.x <= point[0] <= box.x + box.width and box.y <= point[1] <= box.y + box.height


def count_found(labels: Sequence[Box], detections: list[Detection]) -> int:
    """Count labelled faces that are found, one detection for each.

    The labels are squares from brow to chin. The reference box is higher and narrower. Each must
    contain the centre of the other and share 30 % of the common area.
    """
    scores = np.zeros((len(labels), len(detections)))
    for row, label in enumerate(labels):
        for column, detection in enumerate(detections):
            box = detection.box
            if contains(label, box.center) and contains(box, label.center):
                scores[row, column] = label.iou(box)
    rows, columns = linear_sum_assignment(-scores)
    return int((scores[rows, columns] >= 0.3).sum())


@pytest.mark.parametrize('name', EACH)
def test_one_face_is_found_once_in_the_reference_box(name, photographs):
    (found,) = make_detector(name).detect(read(photographs / 'astronaut.png'))
    assert found.box.iou(ASTRONAUT) > LEAST_OVERLAP[name]
    assert 0.7 <= found.confidence <= 1.0


@pytest.mark.parametrize('name', detectors(['retinaface', 'yunet']))
def test_landmarks_are_ordered_from_left_to_right_in_the_image(name, photographs):
    (found,) = make_detector(name).detect(read(photographs / 'astronaut.png'))
    left_eye, right_eye, nose, left_mouth, right_mouth = found.landmarks
    assert found.landmarks.dtype == np.float32
    assert left_eye[0] < nose[0] < right_eye[0]
    assert left_mouth[0] < nose[0] < right_mouth[0]
    assert max(left_eye[1], right_eye[1]) < nose[1] < min(left_mouth[1], right_mouth[1])
    np.testing.assert_allclose((left_eye + right_eye) / 2, (225, 102), atol=5)


def test_haar_gives_no_landmarks(photographs):
    (found,) = make_detector('haar').detect(read(photographs / 'astronaut.png'))
    assert found.landmarks is None


@pytest.mark.parametrize('name', EACH)
@pytest.mark.parametrize('encoding', ['rgb8', 'bgra8', 'rgba8', 'mono8'])
def test_every_encoding_gives_the_same_face(name, encoding, photographs):
    detector = make_detector(name)
    (expected,) = detector.detect(read(photographs / 'astronaut.png'))
    frame = read(photographs / 'astronaut.png', encoding)
    frame.image.flags.writeable = False
    (found,) = detector.detect(frame)
    if encoding == 'mono8':
        assert found.box.iou(expected.box) > 0.85
    else:
        assert found.box == expected.box


@pytest.mark.parametrize('name', EACH)
@pytest.mark.parametrize('scale', [0.5, 0.73, 1.5])
def test_input_scale_leaves_results_in_source_pixels(name, scale, photographs):
    (found,) = make_detector(name, input_scale=scale).detect(read(photographs / 'astronaut.png'))
    assert found.box.iou(ASTRONAUT) > LEAST_OVERLAP[name]


@pytest.mark.parametrize('name', EACH)
def test_faces_below_the_minimum_size_are_left_out(name, photographs):
    frame = read(photographs / 'astronaut.png')
    assert len(make_detector(name, min_face_size=90.0).detect(frame)) == 1
    assert make_detector(name, min_face_size=160.0).detect(frame) == []


@pytest.mark.parametrize('name', EACH)
def test_frames_can_change_in_size_and_be_empty(name, photographs):
    detector = make_detector(name)
    frame = read(photographs / 'astronaut.png')
    assert detector.detect(Frame(np.full((100, 333, 3), 90, np.uint8), 'bgr8', 0)) == []
    assert len(detector.detect(frame)) == 1
    assert detector.detect(Frame(np.zeros((7, 5), np.uint8), 'mono8', 0)) == []
    assert len(detector.detect(frame)) == 1


@pytest.mark.parametrize('name', EACH)
def test_an_image_that_contradicts_its_encoding_is_refused(name):
    detector = make_detector(name)
    for shape, encoding in (((40, 40), 'bgr8'), ((40, 40, 3), 'rgba8'), ((40, 40), 'mono16')):
        with pytest.raises(EncodingError, match=encoding):
            detector.detect(Frame(np.zeros(shape, np.uint8), encoding, 0))


@pytest.mark.parametrize('name', EACH)
@pytest.mark.parametrize('crowd', CROWDS)
def test_the_faces_of_a_crowd_are_found(name, crowd, portraits):
    found = make_detector(name).detect(Frame(crowd(), 'bgr8', 0))
    assert LEAST_OF_CROWD[name] <= len(found) <= 32
    assert all(a.confidence >= b.confidence for a, b in pairwise(found))


@pytest.mark.parametrize('name', EACH)
@pytest.mark.parametrize('pictures', LABELLED)
def test_labelled_faces_are_found_with_few_false_detections(name, pictures, portraits):
    detector = make_detector(name)
    labelled = found = detected = 0
    for still in pictures().values():
        detections = detector.detect(Frame(still.image, 'bgr8', 0))
        labelled += len(still.faces)
        detected += len(detections)
        found += count_found(still.faces, detections)
    assert labelled == 30
    assert found >= SHARE_OF_LABELLED[name] * labelled
    assert detected - found <= 1


def test_box_mapping_moves_and_scales_about_the_centre():
    mapping = BoxMapping(width=0.5, height=2.0, shift_x=0.1, shift_y=-0.25)
    assert mapping.to_reference(100, 200, 40, 80) == Box(114.0, 140.0, 20.0, 160.0)


def test_the_most_certain_of_overlapping_boxes_stays():
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [30, 0, 40, 10], [8, 0, 18, 10]], np.float32)
    scores = np.array([0.8, 0.9, 0.7, 0.75], np.float32)
    assert suppress_overlaps(boxes, scores, 0.4) == [1, 3, 2]
    assert suppress_overlaps(boxes[:0], scores[:0], 0.4) == []


def test_an_image_at_scale_one_is_not_copied():
    image = np.zeros((6, 8), np.uint8)
    assert scaled_image(Frame(image, 'mono8', 0), 1.0) is image
    assert scaled_image(Frame(image, 'mono8', 0), 0.5).shape == (3, 4)


@pytest.mark.parametrize('scale', [0.5, 0.375, 0.25, 0.1])
def test_a_known_half_gives_the_same_smaller_image(scale):
    image = np.random.default_rng(1).integers(0, 256, (120, 161, 3), np.uint8)
    frame = Frame(image, 'bgr8', 0)
    halved = HalvedFrame(image, 'bgr8', 0, half=half_of(frame))
    smaller = scaled_image(halved, scale)
    assert smaller.shape == (round(120 * scale), round(161 * scale), 3)
    np.testing.assert_array_equal(smaller, scaled_image(frame, scale))


@pytest.mark.parametrize('scale', [0.5, 0.4, 0.25, 0.125])
def test_a_smaller_image_has_the_means_of_the_pixels(scale):
    ramp = np.tile(np.arange(0, 240, dtype=np.uint8), (64, 1))
    smaller = scaled_image(Frame(ramp, 'mono8', 0), scale).astype(float)
    places = (np.arange(smaller.shape[1]) + 0.5) / scale - 0.5
    inside = slice(1, -1)
    assert np.abs(smaller[:, inside] - places[inside]).max() <= 1.0


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


@pytest.mark.parametrize('name', detectors(('retinaface',)))
def test_memory_does_not_grow_with_the_second_large_image(name) -> None:
    detector = make_detector(name)
    large, *small = (
        Frame(np.zeros((height, width, 3), np.uint8), 'bgr8', 0)
        for height, width in ((480, 640), (96, 96), (128, 96), (160, 192))
    )
    used = []
    for _ in range(4):
        detector.detect(large)
        for frame in small * 20:
            detector.detect(frame)
        used.append(holdings(os.getpid()).memory)
    assert used[-1] - used[0] < 4e6

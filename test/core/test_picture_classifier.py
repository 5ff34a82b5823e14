"""Classification of single pictures without tracking and smoothing."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from support.tiny_model import write_tiny_model

from fer_ros.core.classification import load_classifier
from fer_ros.core.detection.base import FaceDetector
from fer_ros.core.models import ModelStore
from fer_ros.core.picture_classifier import PictureClassifier
from fer_ros.core.types import UNCERTAIN, Box, Detection, Frame


class Known(FaceDetector):
    """Finds faces where the test sets them."""

    name = 'known'

    def __init__(self, *boxes: Box) -> None:
        self.boxes = boxes

    def detect(self, frame: Frame) -> list[Detection]:
        return [Detection(box, 0.9) for box in self.boxes]


@pytest.fixture(scope='module')
def classifier(tmp_path_factory):
    folder = tmp_path_factory.mktemp('models')
    write_tiny_model(folder / 'tiny')
    return load_classifier(ModelStore([folder]).load_card('tiny'))


@pytest.fixture(scope='module')
def frame() -> Frame:
    image = np.random.default_rng(5).integers(0, 256, (30, 40, 3), np.uint8)
    return Frame(cv2.resize(image, (640, 480)), 'bgr8', 42, 'optical')


BOXES = Box(400, 100, 80, 100), Box(100, 200, 60, 75)


def test_faces_are_listed_from_left_to_right(classifier, frame):
    found = PictureClassifier(Known(*BOXES), classifier, 0.0).classify(frame)
    assert [face.face_id for face in found.faces] == ['face1', 'face2']
    assert [face.box for face in found.faces] == [BOXES[1], BOXES[0]]
    assert (found.stamp, found.frame_id) == (42, 'optical')
    assert (found.image_width, found.image_height) == (640, 480)
    assert found.class_names == classifier.class_names
    assert found.model_hash == classifier.model_hash


def test_a_label_is_the_most_probable_class_if_it_reaches_the_threshold(classifier, frame):
    for threshold in (0.0, 1.0):
        found = PictureClassifier(Known(*BOXES), classifier, threshold).classify(frame)
        for face in found.faces:
            best = classifier.class_names[int(face.probabilities.argmax())]
            assert face.label == (best if threshold == 0.0 else UNCERTAIN)
            assert face.raw_label == best
            assert face.confidence == pytest.approx(float(face.probabilities.max()))
            assert face.probabilities.sum() == pytest.approx(1.0, abs=1e-5)


def test_each_face_is_classified_independently(classifier, frame):
    """Without smoothing, a repeated call and another face do not change the result."""
    both = PictureClassifier(Known(*BOXES), classifier, 0.0)
    first, second = both.classify(frame), both.classify(frame)
    alone = PictureClassifier(Known(BOXES[0]), classifier, 0.0).classify(frame)
    for one, other in zip(first.faces, second.faces, strict=True):
        assert np.array_equal(one.probabilities, other.probabilities)
    assert alone.faces[0].probabilities == pytest.approx(first.faces[1].probabilities, abs=1e-5)


def test_a_picture_without_faces_gives_an_empty_set(classifier, frame):
    found = PictureClassifier(Known(), classifier, 0.0).classify(frame)
    assert found.faces == ()
    assert found.class_names == classifier.class_names

"""Additional attributes: off by default, smoothed for each face."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.tiny_model import write_tiny_model

from fer_ros.core.classification import load_classifier
from fer_ros.core.crop import FER2013, CropSpec
from fer_ros.core.pipeline import EmotionStage
from fer_ros.core.types import Box, Crop, Face, FaceSet


@pytest.fixture
def classifier(tmp_path):
    return load_classifier(write_tiny_model(tmp_path / 'model'), 'opencv')


@pytest.fixture
def attribute(tmp_path):
    card = replace(write_tiny_model(tmp_path / 'attribute'), task='colour')
    return load_classifier(card.write(tmp_path / 'attribute'), 'opencv')


def faces(classifier, stamp: int, value: int, *ids: str) -> FaceSet:
    spec: CropSpec = classifier.crop_spec
    crop = Crop(np.full(spec.shape, value, np.uint8), np.eye(2, 3, dtype=np.float32))
    return FaceSet(
        stamp,
        'camera',
        640,
        480,
        tuple(Face(name, Box(10, 10, 50, 60), 0.9, crop=crop) for name in ids),
        FER2013.name,
        spec.channels,
    )


def test_without_attribute_models_a_face_has_no_attributes(classifier):
    stage = EmotionStage(classifier)
    found = stage.process(faces(classifier, 0, 100, 'f1')).emotions.faces[0]
    assert dict(found.attributes) == {}


def test_each_label_of_an_attribute_gets_a_score_named_after_its_task(classifier, attribute):
    stage = EmotionStage(classifier, attributes=[attribute])
    found = stage.process(faces(classifier, 0, 100, 'f1', 'f2')).emotions.faces
    names = [f'colour.{label}' for label in attribute.class_names]
    assert [list(face.attributes) for face in found] == [names, names]
    assert sum(found[0].attributes.values()) == pytest.approx(1, abs=1e-5)


def test_scores_follow_new_crops_slowly_and_are_reset_when_time_jumps_back(classifier, attribute):
    stage = EmotionStage(classifier, attributes=[attribute])
    name = f'colour.{attribute.class_names[0]}'

    def score(stamp: int, value: int) -> float:
        return (
            stage.process(faces(classifier, stamp, value, 'f1')).emotions.faces[0].attributes[name]
        )

    alone = EmotionStage(classifier, attributes=[attribute])
    bright = alone.process(faces(classifier, 0, 255, 'f1')).emotions.faces[0].attributes[name]
    dark = score(10**9, 0)
    assert abs(bright - dark) > 1e-3
    after = score(10**9 + 33_000_000, 255)
    assert min(dark, bright) < after < max(dark, bright)
    assert score(5, 255) == pytest.approx(bright)

"""Photographs and face crops are distinguished."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from support.portraits import paint

from fer_ros.core.crop import FER2013, CropSpec, cut_crop
from fer_ros.core.types import Detection
from training.data.framing import find_largest, read_face
from training.data.open import DataOptions, open_data

SPEC = CropSpec(FER2013, 48)


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    """Return a photograph with a near and a far person."""
    scene = paint(640, 480, (0.3, 0.4, 130), (0.75, 0.4, 60))
    if find_largest(scene.frame.image) is None:
        pytest.skip('no available detector finds the face')
    cv2.imwrite(str(tmp_path / 'photograph.png'), scene.frame.image)
    return tmp_path / 'photograph.png'


def test_the_largest_face_of_a_photograph_is_cropped_and_reported(photograph: Path) -> None:
    crop, told = read_face(photograph, SPEC)
    scene = paint(640, 480, (0.3, 0.4, 130), (0.75, 0.4, 60))
    expected = cut_crop(scene.frame, Detection(scene.faces[0], 1.0), SPEC).image
    assert np.corrcoef(crop.ravel(), expected.ravel())[0, 1] > 0.8
    assert 'photograph.png is a photograph: the largest of 2 faces' in told


@pytest.mark.parametrize('side', [48, 96, 600])
def test_a_crop_is_read_unchanged(photograph: Path, tmp_path: Path, side: int) -> None:
    scene = paint(1000, 900, (0.5, 0.5, 500))
    crop = cut_crop(scene.frame, Detection(scene.faces[0], 1.0), CropSpec(FER2013, side)).image
    cv2.imwrite(str(tmp_path / 'crop.png'), crop)
    read, told = read_face(tmp_path / 'crop.png', SPEC)
    assert told == ''
    if side == 48:
        assert np.array_equal(read, crop)


def test_a_picture_without_a_face_is_used_whole_and_reported(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / 'wall.png'), np.full((300, 400, 3), 90, np.uint8))
    read, told = read_face(tmp_path / 'wall.png', SPEC)
    assert read.shape == (48, 48)
    assert 'no face was found' in told


@pytest.mark.parametrize(('face', 'warned'), [(120, True), (300, False)])
def test_a_data_set_of_photographs_is_recognised(
    photograph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], face: int, warned: bool
) -> None:
    for label in ('happy', 'neutral'):
        (tmp_path / 'data' / label).mkdir(parents=True)
        scene = paint(320, 300, (0.5, 0.5, face))
        cv2.imwrite(str(tmp_path / 'data' / label / 'a.png'), scene.frame.image)
    open_data(DataOptions([str(tmp_path / 'data')]))
    told = capsys.readouterr().err
    assert ('are not face crops' in told) == warned

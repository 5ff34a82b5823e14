"""Frames with inserted faces: the faces can be cropped again, and nothing else is a face."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.training_runs import make_images

from fer_ros.core.crop import FER2013, CropSpec, cut_crop
from fer_ros.core.types import Box, Detection, Frame
from training.errors import DataError
from training.evaluation.backgrounds import draw_background, read_backgrounds
from training.evaluation.scenes import (
    HEIGHT,
    UPRIGHT,
    VARIED,
    WIDTH,
    Condition,
    Place,
    faces_per_scene,
    make_scene,
)

SMOOTH = [cv2.GaussianBlur(picture, (0, 0), 3) for picture in make_images(4, 4, seed=2)]
WALL = draw_background(0, WIDTH, HEIGHT)


def _cut(image: np.ndarray, place: Place, side: int) -> np.ndarray:
    """Crop a face where a perfect detector would find it."""
    angle = np.deg2rad(place.roll)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    center = [place.x, place.y] + turn @ [0.0, -0.01 * side]
    eyes = np.array([[-0.19, -0.1], [0.19, -0.1], [0, 0.1], [-0.15, 0.3], [0.15, 0.3]])
    landmarks = (center + side * eyes @ turn.T).astype(np.float32)
    box = Box(center[0] - 0.4 * side, center[1] - 0.515 * side, 0.8 * side, 1.03 * side)
    frame = Frame(image, 'mono8', 0)
    return cut_crop(frame, Detection(box, 1.0, landmarks), CropSpec(FER2013, 48)).image


@pytest.mark.parametrize('side', [48, 96, 200])
@pytest.mark.parametrize(
    'condition', [UPRIGHT, Condition('leaning', 20.0, (1.0, 1.0))], ids=lambda c: c.name
)
def test_an_inserted_face_can_be_cropped_again(side: int, condition: Condition) -> None:
    faces = SMOOTH[: faces_per_scene(side)]
    scene = make_scene(faces, WALL, side, condition, np.random.default_rng(5))
    assert len(scene.places) == len(faces)
    for face, place in zip(faces, scene.places, strict=True):
        difference = _cut(scene.image, place, side).astype(int) - face
        assert np.abs(difference[4:-4, 4:-4]).mean() < 2


def test_the_same_seed_gives_the_same_frame() -> None:
    one, other, third = (
        make_scene(SMOOTH, WALL, 48, VARIED, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert np.array_equal(one.image, other.image)
    assert one.places == other.places
    assert one.places != third.places


def test_roll_and_gain_stay_within_the_condition() -> None:
    for seed in range(5):
        scene = make_scene(SMOOTH, WALL, 48, VARIED, np.random.default_rng(seed))
        assert 0.6 <= scene.gain <= 1.4
        assert all(abs(place.roll) <= 20 for place in scene.places)
    assert make_scene(SMOOTH, WALL, 48, UPRIGHT, np.random.default_rng(0)).gain == 1


@pytest.mark.parametrize('number', range(3))
def test_a_drawn_background_is_reproducible(number: int) -> None:
    image = draw_background(number, 64, 48)
    assert image.shape == (48, 64)
    assert image.std() > 1
    assert np.array_equal(image, draw_background(number, 64, 48))
    assert not np.array_equal(image, draw_background(number + 3, 64, 48))


def test_photographs_without_faces_are_used_as_backgrounds(tmp_path: Path) -> None:
    photograph = np.full((300, 400), 40, np.uint8)
    photograph[100:160, 300:350] = 250
    cv2.imwrite(str(tmp_path / 'group.png'), photograph)
    (tmp_path / 'boxes.json').write_text(json.dumps({'group.png': [[300, 100, 50, 60]]}))
    (background,) = read_backgrounds(tmp_path, WIDTH, HEIGHT)
    assert background.shape == (HEIGHT, WIDTH)
    assert background.max() == 40


def test_a_folder_without_space_for_faces_is_named(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / 'close.png'), np.zeros((90, 120), np.uint8))
    (tmp_path / 'boxes.json').write_text(json.dumps({'close.png': [[20, 10, 80, 80]]}))
    with pytest.raises(DataError, match=str(tmp_path)):
        read_backgrounds(tmp_path, WIDTH, HEIGHT)

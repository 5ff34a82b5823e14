"""Corruptions by cameras and people: reproducible, in the right place, of rising strength."""

from __future__ import annotations

import numpy as np
import pytest
from support.training_runs import make_images

from training.evaluation.corruptions import CORRUPTIONS, Corruption, corrupt
from training.evaluation.head_turn import nod_head, turn_head

BY_NAME = {corruption.name: corruption for corruption in CORRUPTIONS}
PICTURE = make_images(1, 1, seed=3)[0]


def _changed(corruption: Corruption, strength: float) -> np.ndarray:
    return np.abs(corrupt(PICTURE, corruption, strength).astype(int) - PICTURE)


@pytest.mark.parametrize('corruption', CORRUPTIONS, ids=lambda corruption: corruption.name)
def test_a_corruption_is_reproducible(corruption: Corruption) -> None:
    for strength in corruption.strengths:
        once = corrupt(PICTURE, corruption, strength)
        assert once.dtype == np.uint8
        assert once.shape == PICTURE.shape
        assert not np.array_equal(once, PICTURE)
        assert np.array_equal(once, corrupt(PICTURE.copy(), corruption, strength))


@pytest.mark.parametrize('corruption', CORRUPTIONS, ids=lambda corruption: corruption.name)
def test_colour_pictures_stay_in_colour(corruption: Corruption) -> None:
    colour = np.stack([PICTURE, PICTURE // 2, 255 - PICTURE], axis=-1)
    assert corrupt(colour, corruption, corruption.strengths[0]).shape == colour.shape


@pytest.mark.parametrize(
    'name', ['blur', 'motion blur', 'noise', 'JPEG', 'low resolution', 'dark', 'overexposed',
             'covered mouth', 'covered eyes', 'dark glasses', 'turned head', 'nodding head'],
)  # fmt: skip
def test_strengths_range_from_mild_to_strong(name: str) -> None:
    amounts = [_changed(BY_NAME[name], strength).mean() for strength in BY_NAME[name].strengths]
    assert amounts == sorted(amounts)


def test_a_mask_covers_the_mouth_and_not_the_eyes() -> None:
    changed = _changed(BY_NAME['covered mouth'], BY_NAME['covered mouth'].strengths[-1])
    assert not changed[:24].any()
    assert len(np.unique(corrupt(PICTURE, BY_NAME['covered mouth'], 0.56)[34:42, 16:32])) == 1


@pytest.mark.parametrize('name', ['covered eyes', 'glasses', 'dark glasses'])
def test_eyewear_does_not_cover_the_mouth(name: str) -> None:
    changed = _changed(BY_NAME[name], BY_NAME[name].strengths[-1])
    assert changed[14:24].any()
    assert not changed[32:].any()


@pytest.mark.parametrize('move', [turn_head, nod_head])
def test_a_head_without_rotation_is_unchanged(move) -> None:
    assert np.array_equal(move(PICTURE, 0.0), PICTURE)


def test_turning_left_is_the_mirror_of_turning_right() -> None:
    right = turn_head(PICTURE, 30.0)
    left = turn_head(np.ascontiguousarray(PICTURE[:, ::-1]), -30.0)
    assert np.abs(right.astype(int) - left[:, ::-1]).max() <= 1


def test_the_far_side_of_a_turned_head_becomes_narrower() -> None:
    stripes = np.zeros((48, 48), np.uint8)
    stripes[:, [14, 15, 32, 33]] = 255
    turned = turn_head(stripes, 40.0).sum(axis=0)
    toward, away = turned[20:30].sum(), turned[34:44].sum()
    assert 0 < away < toward

"""Duplicates are found after recropping, relighting or watermarking; other pictures are not."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from training.data import duplicates
from training.data.duplicates import exact_groups, find_copies, join_groups
from training.data.near_copies import find_near_copies, likeness
from training.data.pictures import ArrayPictures, Pictures, ResizedPictures


@pytest.fixture(autouse=True)
def _cache_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, 'CACHE', tmp_path)


def _scene(seed: int) -> NDArray[np.uint8]:
    """A 96x96 picture with structure at every scale."""
    rng = np.random.default_rng(seed)
    scene = np.zeros((96, 96), np.float32)
    for side in (6, 12, 24, 48):
        noise = rng.normal(0, 1, (side, side)).astype(np.float32)
        scene += cv2.resize(noise, (96, 96), interpolation=cv2.INTER_CUBIC) * 3 / side**0.5
    return np.clip(128 + 45 * scene, 0, 255).astype(np.uint8)


def _view(
    scene: NDArray[np.uint8], left: int = 0, top: int = 0, side: int = 96
) -> NDArray[np.uint8]:
    return cv2.resize(
        scene[top : top + side, left : left + side], (48, 48), interpolation=cv2.INTER_AREA
    )


def _watermarked(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    marked = image.copy()
    cv2.putText(marked, 'stock', (2, 28), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 255, 1)
    return marked


COPIES = {
    'recropped': lambda scene: _view(scene, 6, 9, 82),
    'relit': lambda scene: (_view(scene) * 0.6 + 30).astype(np.uint8),
    'watermarked': lambda scene: _watermarked(_view(scene)),
    'mirrored': lambda scene: _view(scene, 4, 4, 86)[:, ::-1],
    'shifted and watermarked': lambda scene: _watermarked(_view(scene, 0, 4, 90)),
}


@pytest.mark.parametrize('how', COPIES)
def test_a_modified_copy_is_found_among_other_pictures(how: str) -> None:
    views = [_view(_scene(seed)) for seed in range(30)]
    pictures = ArrayPictures(np.stack([*views, COPIES[how](_scene(7))]))
    pairs, scores = find_near_copies(pictures)
    assert pairs.tolist() == [[7, 30]]
    assert scores[0] > 0.87


def test_different_pictures_are_not_duplicates() -> None:
    assert max(likeness(_view(_scene(i)), _view(_scene(i + 1))) for i in range(20)) < 0.5


def test_exact_duplicates_are_numbered_by_the_first() -> None:
    views = [_view(_scene(seed)) for seed in (1, 2, 1, 3, 2)]
    assert exact_groups(ArrayPictures(np.stack(views))).tolist() == [0, 1, 0, 3, 1]


def test_exact_and_near_duplicates_become_one_group() -> None:
    first, near = _view(_scene(1)), COPIES['recropped'](_scene(1))
    pictures = ArrayPictures(np.stack([_view(_scene(5)), first, near, first]))
    assert find_copies(pictures).groups.tolist() == [0, 1, 1, 1]
    assert find_copies(pictures, near=False).groups.tolist() == [0, 1, 2, 1]


def test_the_result_is_cached_by_content(monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = ArrayPictures(np.stack([_view(_scene(1)), COPIES['relit'](_scene(1))]))
    before = find_copies(pictures)
    monkeypatch.setattr(duplicates, 'find_near_copies', lambda pictures: pytest.fail('again'))
    assert np.array_equal(find_copies(pictures).pairs, before.pairs)


def test_chains_of_pairs_are_one_group() -> None:
    groups = join_groups(np.arange(6), np.array([[4, 5], [1, 4], [0, 3]]))
    assert groups.tolist() == [0, 1, 2, 0, 1, 1]


def test_the_search_is_shared_by_all_sizes_and_announced_for_many_pictures(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    searched = []

    def search(pictures: Pictures) -> tuple[np.ndarray, np.ndarray]:
        searched.append(pictures.shape)
        return np.array([[0, 1]]), np.array([0.9], np.float32)

    monkeypatch.setattr(duplicates, 'MANY', 2)
    monkeypatch.setattr(duplicates, 'find_near_copies', search)
    pictures = ArrayPictures(np.arange(3, dtype=np.uint8)[:, None, None] * np.ones((4, 4), 'u1'))
    for each in (pictures, ResizedPictures(pictures, 8)):
        assert find_copies(each).groups.tolist() == [0, 0, 2]
    assert searched == [(4, 4)]
    assert '--copies exact' in capsys.readouterr().out

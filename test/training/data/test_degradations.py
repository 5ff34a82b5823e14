"""Each degradation has the effect of its name. No backend needed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from training.data import degradations

EDGE = np.repeat(np.array([[40] * 24 + [200] * 24], np.uint8), 48, axis=0)


@pytest.mark.parametrize('image', [EDGE, np.stack([EDGE] * 3, axis=-1)], ids=['gray', 'colour'])
def test_a_picture_keeps_its_shape(image: np.ndarray) -> None:
    for changed in (
        degradations.blur(image, 1.5),
        degradations.noise(image, 10, np.random.default_rng(0)),
        degradations.low_resolution(image, 16),
        degradations.jpeg(image, 20),
        degradations.gamma(image, 2.0),
    ):
        assert changed.shape == image.shape
        assert changed.dtype == np.uint8
        assert not np.array_equal(changed, image)


@pytest.mark.parametrize(
    'flaw', [lambda i: degradations.blur(i, 2.0), lambda i: degradations.low_resolution(i, 9)]
)
def test_edges_become_soft_and_areas_stay(flaw: Callable[[np.ndarray], np.ndarray]) -> None:
    soft = flaw(EDGE).astype(int)
    assert np.abs(np.diff(soft, axis=1)).max() < 80
    assert (soft[24, 2], soft[24, 45]) == (40, 200)


def test_noise_has_the_given_deviation() -> None:
    gray = np.full((64, 64), 128, np.uint8)
    assert degradations.noise(gray, 8, np.random.default_rng(1)).std() == pytest.approx(8, abs=0.5)


def test_gamma_darkens_above_one_and_keeps_black_and_white() -> None:
    ramp = np.array([[0, 100, 255]], np.uint8)
    assert degradations.gamma(ramp, 2.0).tolist() == [[0, 39, 255]]
    assert degradations.gamma(ramp, 0.5)[0, 1] > 100

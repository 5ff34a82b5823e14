"""The check input is the same on every machine and distinguishes labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from fer_ros.core.crop import FER2013, CropSpec
from fer_ros.core.errors import ModelError
from fer_ros.core.models import ModelCheck, check_input, choose_check


@pytest.mark.parametrize(('channels', 'shape'), [('gray', (48, 48)), ('rgb', (48, 48, 3))])
def test_the_check_input_fits_the_model(channels: str, shape: tuple[int, ...]) -> None:
    image = check_input(CropSpec(FER2013, 48, channels), 7)
    assert image.shape == shape
    assert image.dtype == np.uint8


def test_the_check_input_is_the_same_on_every_machine() -> None:
    gray = check_input(CropSpec(FER2013, 48, 'gray'), 7)
    assert gray[::8, 0].tolist() == [175, 55, 102, 134, 157, 69]
    colour = check_input(CropSpec(FER2013, 48, 'bgr'), 7)
    assert colour[0, 0].tolist() == [175, 196, 25]


def test_other_seeds_give_other_inputs() -> None:
    spec = CropSpec(FER2013, 20, 'gray')
    assert (check_input(spec, 1) != check_input(spec, 2)).mean() > 0.9


def test_the_seed_that_distinguishes_the_labels_is_chosen() -> None:
    def classify(crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
        even = [[0.5, 0.25, 0.25], [0.4, 0.35, 0.25], [0.6, 0.3, 0.1]]
        return np.array(even)[: len(crops)]

    check = choose_check(classify, ['a', 'b', 'c'], CropSpec(FER2013, 20, 'gray'), seeds=[5, 6, 9])
    assert check.seed == 9
    assert check.probabilities == {'a': 0.6, 'b': 0.3, 'c': 0.1}
    assert check.smallest_gap == pytest.approx(0.2)


def test_a_model_with_a_wrong_number_of_outputs_is_refused() -> None:
    with pytest.raises(ModelError, match='2 labels'):
        choose_check(
            lambda crops: np.zeros((len(crops), 3)), ['a', 'b'], CropSpec(FER2013, 20, 'gray')
        )


def test_non_finite_probabilities_are_refused() -> None:
    with pytest.raises(ModelError, match=r'outside \[0, 1\]'):
        ModelCheck(1, {'a': float('nan'), 'b': 0.5})

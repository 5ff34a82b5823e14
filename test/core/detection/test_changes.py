"""The cells by which frames are compared."""

from __future__ import annotations

import numpy as np
import pytest

from fer_ros.core.detection.base import HalvedFrame, half_of
from fer_ros.core.detection.changes import CELL, LEAST_CHANGE, CellMeans
from fer_ros.core.detection.window import Window
from fer_ros.core.errors import EncodingError
from fer_ros.core.types import Frame


def frame(seed: int = 1) -> Frame:
    image = np.random.default_rng(seed).integers(0, 200, (48, 64, 3), np.uint8)
    return Frame(image, 'bgr8', 0)


def test_cells_have_the_means_of_their_pixels():
    picture = frame()
    cells = picture.image.reshape(48 // CELL, CELL, 64 // CELL, CELL, 3).mean((1, 3))
    assert np.abs(CellMeans.of(picture).means - cells).max() <= 1.0


def test_a_window_of_the_cells_is_the_cells_of_the_window():
    picture, window = frame(), Window(10, 5, 30, 33)
    cut = CellMeans.of(picture).cut(window)
    np.testing.assert_array_equal(CellMeans.of(picture, window).means, cut.means)


def test_a_known_half_gives_the_same_cells():
    picture = frame()
    halved = HalvedFrame(picture.image, 'bgr8', 0, half=half_of(picture))
    np.testing.assert_array_equal(CellMeans.of(halved).means, CellMeans.of(picture).means)


def test_a_changed_cell_is_noticed_unless_its_window_is_ignored():
    before, now = frame(), frame()
    now.image[20:24, 40:44] += LEAST_CHANGE + 1
    cells = CellMeans.of(now)
    assert not CellMeans.of(frame()).differ_from(CellMeans.of(before))
    assert cells.differ_from(CellMeans.of(before))
    assert not cells.differ_from(CellMeans.of(before), [Window(36, 16, 12, 12)])


def test_an_image_that_does_not_match_its_encoding_is_refused():
    with pytest.raises(EncodingError):
        CellMeans.of(Frame(np.zeros((8, 8), np.uint8), 'bgr8', 0))

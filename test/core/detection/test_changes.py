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


@pytest.mark.parametrize('layout', ['bgr8', 'mono8'])
def test_a_changed_cell_is_noticed_unless_its_window_is_ignored(layout):
    def cells(changed: bool) -> CellMeans:
        image = frame().image if layout == 'bgr8' else frame().image[..., 0].copy()
        if changed:
            image[20:24, 40:44] += LEAST_CHANGE + 1
        return CellMeans.of(Frame(image, layout, 0))

    assert cells(False).changed_part(cells(False)) is None
    assert cells(True).changed_part(cells(False)) == Window(40, 20, CELL, CELL)
    assert cells(True).changed_part(cells(False), [Window(36, 16, 12, 12)]) is None


def test_the_changed_part_contains_all_changed_cells():
    now = frame()
    now.image[8:12, 4:8] += LEAST_CHANGE + 1
    now.image[40:44, 56:60, 2] += LEAST_CHANGE + 1
    assert CellMeans.of(now).changed_part(CellMeans.of(frame())) == Window(4, 8, 56, 36)


def test_only_the_cells_of_a_window_become_newer():
    old, new = CellMeans.of(frame()), CellMeans.of(frame(seed=2))
    means = old.with_newer(new, Window(8, 4, 24, 20)).means
    np.testing.assert_array_equal(means[1:6, 2:8], new.means[1:6, 2:8])
    np.testing.assert_array_equal(means[:1], old.means[:1])
    np.testing.assert_array_equal(means[:, 8:], old.means[:, 8:])


def test_an_image_that_does_not_match_its_encoding_is_refused():
    with pytest.raises(EncodingError):
        CellMeans.of(Frame(np.zeros((8, 8), np.uint8), 'bgr8', 0))

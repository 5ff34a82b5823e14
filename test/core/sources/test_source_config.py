"""The settings of a source: ranges and the size of frames."""

from __future__ import annotations

import numpy as np
import pytest

from fer_ros.core.sources import SourceConfig
from fer_ros.core.sources.base import shrink_to_fit


@pytest.mark.parametrize(('wrong', 'named'), [
    ({'width': 640}, 'height'),
    ({'width': -1, 'height': -1}, 'width'),
    ({'fps': -1.0}, 'fps'),
    ({'fps': float('nan')}, 'fps'),
    ({'pixel_format': 'MJPEG'}, 'pixel_format'),
    ({'open_timeout': 0.0}, 'open_timeout'),
    ({'read_timeout': float('inf')}, 'read_timeout'),
])  # fmt: skip
def test_a_wrong_value_is_refused_by_name(wrong, named):
    with pytest.raises(ValueError, match=named):
        SourceConfig(**wrong)


@pytest.mark.parametrize(('size', 'limit', 'expected'), [
    ((800, 600), (400, 400), (400, 300)),
    ((600, 800), (400, 400), (300, 400)),
    ((40, 30), (400, 400), (40, 30)),
    ((800, 600), (0, 0), (800, 600)),
    ((4000, 3), (400, 400), (400, 1)),
])  # fmt: skip
def test_only_larger_images_are_scaled_down_and_keep_their_aspect_ratio(size, limit, expected):
    image = np.zeros((size[1], size[0], 3), np.uint8)
    assert shrink_to_fit(image, *limit).shape == (expected[1], expected[0], 3)

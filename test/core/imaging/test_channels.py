"""Frames of each encoding in the channels of detectors and models."""

from __future__ import annotations

import numpy as np
import pytest

from fer_ros.core.errors import EncodingError
from fer_ros.core.imaging.channels import check_image, to_channels
from fer_ros.core.types import ENCODING_CHANNELS, Frame

RED_GREEN_BLUE = (10, 120, 230)
#: Indices of RED_GREEN_BLUE in the order of the channels.
ORDERS = {'rgb': [0, 1, 2], 'bgr': [2, 1, 0]}


@pytest.mark.parametrize('encoding', ['rgb8', 'bgr8', 'rgba8', 'bgra8'])
@pytest.mark.parametrize('channels', ORDERS)
def test_colours_keep_their_values_in_every_order(encoding, channels):
    colours = np.array(RED_GREEN_BLUE, np.uint8)
    pixel = np.append(colours[ORDERS[encoding[:3]]], np.uint8(255))[: ENCODING_CHANNELS[encoding]]
    image = np.tile(pixel, (4, 6, 1))
    found = to_channels(image, encoding, channels)
    assert (found == colours[ORDERS[channels]]).all()
    assert found.shape == (4, 6, 3)
    assert (found is image) == (encoding == f'{channels}8')


@pytest.mark.parametrize('encoding', ENCODING_CHANNELS)
def test_gray_levels_are_equal_in_all_channels(encoding):
    count = ENCODING_CHANNELS[encoding]
    image = np.full((4, 6) if count == 1 else (4, 6, count), 77, np.uint8)
    for channels in ('gray', 'rgb', 'bgr'):
        assert (to_channels(image, encoding, channels) == 77).all()


@pytest.mark.parametrize(
    ('shape', 'encoding'),
    [((4, 6, 3), 'mono8'), ((4, 6), 'bgr8'), ((4, 6, 4), 'rgb8'), ((0, 6), 'mono8')],
)
def test_an_image_that_does_not_match_its_encoding_is_refused(shape, encoding):
    with pytest.raises(EncodingError, match=f"'{encoding}': convert it to one of mono8, bgr8"):
        check_image(Frame(np.zeros(shape, np.uint8), encoding, 0))

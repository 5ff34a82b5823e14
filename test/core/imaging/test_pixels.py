"""Uncompressed images in every layout of sensor_msgs/image_encodings that OpenCV can convert."""

from __future__ import annotations

import numpy as np
import pytest

from fer_ros.core.errors import EncodingError
from fer_ros.core.imaging.pixels import READABLE, read_pixels

#: One colour as blue, green, red, and as brightness and colour differences (ITU-R BT.601).
BGR = (40, 120, 200)
Y, U, V = 132, 81, 169
WIDTH, HEIGHT = 8, 6

PADDING = 10


def flat(value: tuple[int, ...]) -> np.ndarray:
    """Return rows of one pixel value, (HEIGHT, WIDTH * bytes)."""
    return np.tile(np.array(value, np.uint8), (HEIGHT, WIDTH))


def mosaic(order: str) -> np.ndarray:
    value = dict(zip('bgr', BGR, strict=True))
    cell = np.array([[value[c] for c in order[:2]], [value[c] for c in order[2:]]], np.uint8)
    return np.tile(cell, (HEIGHT // 2, WIDTH // 2))


def planes(first: int, second: int) -> np.ndarray:
    colour = np.tile(np.array((first, second), np.uint8), (HEIGHT // 2, WIDTH // 2))
    return np.concatenate([np.full((HEIGHT, WIDTH), Y, np.uint8), colour])


def of_16_bits(rows: np.ndarray, kind: str) -> np.ndarray:
    """Return samples of 16 bits with these higher bytes, as bytes."""
    return (rows.astype(np.uint16) * 256 + 99).astype(kind).view(np.uint8)


COLOURS = {
    'bgr8': BGR,
    '8UC3': BGR,
    'rgb8': BGR[::-1],
    'bgra8': (*BGR, 9),
    'rgba8': (*BGR[::-1], 9),
    '8UC4': (*BGR, 9),
}
SIXTEEN_BITS = {
    'bgr16': BGR,
    '16UC3': BGR,
    'rgb16': BGR[::-1],
    'bgra16': (*BGR, 9),
    'rgba16': (*BGR[::-1], 9),
    '16UC4': (*BGR, 9),
}
PATTERNS = ('rggb', 'bggr', 'gbrg', 'grbg')

LAYOUTS = {
    **{name: flat(value) for name, value in COLOURS.items()},
    **{name: of_16_bits(flat(value), '<u2') for name, value in SIXTEEN_BITS.items()},
    **{f'bayer_{order}8': mosaic(order) for order in PATTERNS},
    **{f'bayer_{order}16': of_16_bits(mosaic(order), '<u2') for order in PATTERNS},
    'uyvy': flat((U, Y, V, Y))[:, : WIDTH * 2],
    'yuv422': flat((U, Y, V, Y))[:, : WIDTH * 2],
    'yuyv': flat((Y, U, Y, V))[:, : WIDTH * 2],
    'yuv422_yuy2': flat((Y, U, Y, V))[:, : WIDTH * 2],
    'nv12': planes(U, V),
    'nv21': planes(V, U),
}
BIG_ENDIAN = {
    **{name: of_16_bits(flat(value), '>u2') for name, value in SIXTEEN_BITS.items()},
    **{f'bayer_{order}16': of_16_bits(mosaic(order), '>u2') for order in PATTERNS},
}


def test_every_documented_layout_is_tested_here():
    assert set(READABLE) == {*LAYOUTS, 'mono8', '8UC1', 'mono16'}


def colour_of(pixels: np.ndarray, encoding: str) -> np.ndarray:
    """Return the middle pixels as blue, green, red."""
    bgr = pixels[2:-2, 2:-2, :3]
    return bgr[..., ::-1] if encoding.startswith('rgb') else bgr


@pytest.mark.parametrize('padding', [0, PADDING])
@pytest.mark.parametrize(
    ('name', 'rows', 'big'),
    [
        *((name, rows, False) for name, rows in LAYOUTS.items()),
        *((name, rows, True) for name, rows in BIG_ENDIAN.items()),
    ],
)
def test_colours_are_the_same_in_every_layout(name, rows, big, padding):
    padded = np.pad(rows, ((0, 0), (0, padding)), constant_values=255)
    pixels, encoding = read_pixels(padded.tobytes(), name, WIDTH, HEIGHT, padded.shape[1], big)
    assert pixels.shape[:2] == (HEIGHT, WIDTH)
    assert np.abs(colour_of(pixels, encoding).astype(int) - BGR).max() <= 3


@pytest.mark.parametrize(('kind', 'big'), [('<u2', False), ('>u2', True)])
@pytest.mark.parametrize('padding', [0, PADDING])
def test_sixteen_bit_gray_keeps_its_higher_byte(kind, big, padding):
    gray = np.arange(WIDTH * HEIGHT, dtype=np.uint8).reshape(HEIGHT, WIDTH)
    rows = np.pad(of_16_bits(gray, kind), ((0, 0), (0, padding)))
    pixels, encoding = read_pixels(rows.tobytes(), 'mono16', WIDTH, HEIGHT, rows.shape[1], big)
    assert encoding == 'mono8'
    np.testing.assert_array_equal(pixels, gray)


@pytest.mark.parametrize('name', [*LAYOUTS, 'mono16'])
def test_a_truncated_image_is_refused(name):
    rows = LAYOUTS[name] if name in LAYOUTS else np.zeros((HEIGHT, WIDTH * 2), np.uint8)
    with pytest.raises(EncodingError, match='must send all of them'):
        read_pixels(rows.tobytes()[:-1], name, WIDTH, HEIGHT, rows.shape[1])
    with pytest.raises(EncodingError, match=f'is shorter than a row of {WIDTH} pixels in'):
        read_pixels(rows.tobytes(), name, WIDTH, HEIGHT, rows.shape[1] - 1)


def test_subsampled_colour_of_an_odd_size_is_refused_with_the_reason():
    with pytest.raises(EncodingError, match='even number'):
        read_pixels(bytes(1000), 'nv12', 8, 5, 8)
    for encoding, step in (('yuyv', 14), ('uyvy', 14), ('nv12', 7)):
        with pytest.raises(EncodingError, match=f'7 columns in {encoding}: .*even'):
            read_pixels(bytes(1000), encoding, 7, 4, step)

"""Pictures that Pillow reads: upright, complete, and with an error if the reader is missing."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import numpy as np
import pytest
from support.photographs import corners, encode

from fer_ros.core.errors import EncodingError, OversizedError
from fer_ros.core.imaging.decoding import decode_image

#: EXIF orientation to the quarter turns, counterclockwise, that bring the picture there.
TURNS = {3: 2, 6: 1, 8: 3}
ALL = range(1, 9)


@pytest.mark.parametrize('suffix', ['.heic', '.avif', '.gif'])
def test_a_picture_is_decoded_to_bgr8(suffix):
    image = np.zeros((48, 64, 3), np.uint8)
    image[:, 32:] = (200, 60, 30)
    decoded = decode_image(encode(suffix, image))
    assert decoded.shape == (48, 64, 3)
    assert decoded.dtype == np.uint8
    assert np.abs(decoded[:, 40:].mean((0, 1)) - (200, 60, 30)).max() < 8
    assert decoded.flags.c_contiguous


@pytest.mark.parametrize('orientation', TURNS)
@pytest.mark.parametrize('suffix', ['.heic', '.avif', '.jpg', '.png', '.webp', '.tiff'])
def test_a_picture_is_turned_upright_once(suffix, orientation):
    stored = np.ascontiguousarray(np.rot90(corners(), TURNS[orientation]))
    decoded = decode_image(encode(suffix, stored, orientation=orientation), rotate=True)
    assert decoded.shape == (48, 64, 3)
    assert decoded[:20, :28].min() > 200
    assert decoded[28:].max() < 60


@pytest.mark.parametrize('orientation', ALL)
@pytest.mark.parametrize('suffix', ['.jpg', '.webp'])
def test_pixels_are_turned_as_in_pillow(suffix, orientation):
    ops = pytest.importorskip('PIL.ImageOps', reason='no Pillow; see requirements/runtime.txt')
    pillow = pytest.importorskip('PIL.Image')
    data = encode(suffix, corners(), orientation=orientation)
    expected = np.asarray(ops.exif_transpose(pillow.open(io.BytesIO(data))).convert('RGB'))
    decoded = decode_image(data, rotate=True)
    assert decoded.shape == expected.shape
    assert np.abs(decoded[..., ::-1].astype(int) - expected).mean() < 3
    assert decode_image(data).shape == (48, 64, 3)


@pytest.mark.parametrize('orientation', TURNS)
def test_an_heic_without_rotation_box_is_turned_by_its_exif(orientation):
    stored = np.ascontiguousarray(np.rot90(corners(), TURNS[orientation]))
    data = encode('.heic', stored, orientation=orientation, by_exif=True)
    assert b'irot' not in data
    decoded = decode_image(data)
    assert decoded.shape == (48, 64, 3)
    assert decoded[:20, :28].min() > 200


@pytest.mark.parametrize('behind', [bytes(5000), b'\0\0\0\x18ftypmp42' + bytes(99), b'text' * 99])
@pytest.mark.parametrize('suffix', ['.heic', '.avif', '.gif'])
def test_data_after_the_end_changes_nothing(suffix, behind):
    data = encode(suffix, corners())
    np.testing.assert_array_equal(decode_image(data + behind), decode_image(data))


@pytest.mark.parametrize('part', [0.3, 0.6, 0.95])
@pytest.mark.parametrize('suffix', ['.heic', '.avif', '.gif'])
def test_a_truncated_picture_is_detected(suffix, part):
    image = np.random.default_rng(0).integers(0, 256, (80, 80, 3), np.uint8)
    data = encode(suffix, image)
    with pytest.raises(EncodingError, match='truncated'):
        decode_image(data[: int(len(data) * part)])


@pytest.mark.parametrize('suffix', ['.gif', '.webp', '.png', '.avif'])
def test_an_animation_is_refused_if_a_single_picture_is_expected(suffix):
    data = encode(suffix, corners(), 255 - corners(), corners())
    with pytest.raises(EncodingError, match=r'wave is animated \(3 pictures\).*use annotate'):
        decode_image(data, 'wave')


@pytest.mark.parametrize('suffix', ['.heic', '.avif'])
def test_a_picture_larger_than_the_limit_is_refused_before_it_is_decoded(suffix):
    with pytest.raises(OversizedError, match='64x48 pixels is larger'):
        decode_image(encode(suffix, corners()), most_pixels=1000)


@pytest.mark.parametrize(
    ('suffix', 'missing'),
    [
        ('.heic', ('pi_heif', 'pillow_heif')),
        ('.heic', ('PIL',)),
        ('.avif', ('PIL',)),
        ('.gif', ('PIL',)),
    ],
)
def test_without_the_reader_one_line_says_what_to_install(suffix, missing):
    """Pillow cannot be imported here."""
    program = (
        'import sys\n'
        f'for module in {missing}: sys.modules[module] = None\n'
        'from fer_ros.core.errors import EncodingError\n'
        'from fer_ros.core.imaging.decoding import decode_image\n'
        'try: decode_image(sys.stdin.buffer.read(), "photo")\n'
        'except EncodingError as error: print(error)\n'
    )
    done = subprocess.run(
        [sys.executable, '-c', program],
        input=encode(suffix, corners()),
        capture_output=True,
        check=False,
        env={**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path)},
    )
    line = done.stdout.decode().strip()
    assert line.startswith(f'photo is {suffix[1:].upper()}, and no reader'), done.stderr.decode()
    assert line.endswith('pip install pillow pi-heif, or save it as JPEG')
    assert '\n' not in line


def test_opencv_formats_do_not_need_pillow():
    program = (
        'import sys; sys.modules["PIL"] = None\n'
        'from fer_ros.core.imaging.decoding import decode_image\n'
        'print(decode_image(sys.stdin.buffer.read()).shape)\n'
    )
    for suffix in ('.jpg', '.png', '.webp', '.tiff'):
        done = subprocess.run(
            [sys.executable, '-c', program],
            input=encode(suffix, corners()),
            capture_output=True,
            check=False,
            env={**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path)},
        )
        assert done.stdout.decode().strip() == '(48, 64, 3)', done.stderr.decode()

"""Arbitrary bytes as pictures, cards, calibrations and data sets are read or refused."""

from __future__ import annotations

import io
import json
import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.io import savemat
from support.fuzzing import damaged, fuzzed
from support.photographs import png
from support.targets import TARGETS

from fer_ros.core.errors import EncodingError
from fer_ros.core.imaging.decoding import decode_image


def picture(suffix: str, width: int = 24, height: int = 16) -> bytes:
    pixels = np.random.default_rng(3).integers(0, 256, (height, width, 3), np.uint8)
    ok, data = cv2.imencode(suffix, pixels)
    assert ok
    return data.tobytes()


def npz(**columns: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **columns)
    return buffer.getvalue()


def mat() -> bytes:
    buffer = io.BytesIO()
    savemat(
        buffer,
        {
            'imdb': {
                'full_path': ['a.pgm', 'b.pgm'],
                'gender': [1.0, 0.0],
                'face_score': [4.0, 5.0],
                'second_face_score': [np.nan, np.nan],
                'name': ['A', 'B'],
            }
        },
        appendmat=False,
    )
    return buffer.getvalue()


#: What each target takes when all is well.
SEEDS = {
    'decode_image': [
        picture(suffix) for suffix in ('.jpg', '.png', '.bmp', '.webp', '.tiff', '.ppm')
    ],
    'model_card': [json.dumps({'format': 1, 'name': 'a', 'labels': ['x', 'y']}).encode()],
    'calibration': [
        b'image_width: 640\nimage_height: 480\ncamera_matrix: {data: [700, 0, 320, 0, 710, 240, '
        b'0, 0, 1]}\ndistortion_coefficients: {data: [0.1, 0, 0, 0, 0]}\n'
    ],
    'fer_csv': [b'emotion,pixels,Usage\n3,0 1 2 255,Training\n0,9 9 9 9,PublicTest\n'],
    'ferplus': [b'Usage,Image name,neutral,happiness\nTraining,a.png,3,7\n'],
    'npz': [
        npz(
            images=np.zeros((2, 4, 4), np.uint8),
            labels=np.array([0, 1]),
            classes=np.array(['happy', 'sad']),
        )
    ],
    'imdb_mat': [mat()],
    'picture_list': [b'A_B_0001.jpg\nC_D\n'],
}


def test_every_target_has_seeds():
    assert set(SEEDS) == set(TARGETS)


@pytest.mark.parametrize('name', TARGETS)
def test_damaged_input_is_read_or_refused(name, tmp_path_factory):
    target = TARGETS[name](tmp_path_factory.mktemp(name))

    @fuzzed
    @given(st.one_of(damaged(SEEDS[name]), st.binary(max_size=64)))
    def run(data: bytes) -> None:
        target(data)

    run()


@pytest.mark.parametrize('name', TARGETS)
def test_a_seed_reaches_its_target(name, tmp_path):
    target = TARGETS[name](tmp_path)
    refused = [seed for seed in SEEDS[name] if not target(seed)]
    assert len(refused) == (name == 'model_card'), 'a card without files is refused'


def bmp(width: int, height: int) -> bytes:
    """Return a small run-length encoded BMP whose header claims a large size."""
    return (
        struct.pack(
            '<2sIHHIIiiHHIIiiII',
            b'BM',
            1200,
            0,
            0,
            1078,
            40,
            width,
            height,
            1,
            8,
            1,
            0,
            0,
            0,
            0,
            0,
        )
        + bytes(1024)
        + b'\x02\x00\x00\x01'
    )


def tiff(width: int, height: int) -> bytes:
    entries = [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, 1, 8),
        (277, 3, 1, 1),
        (278, 4, 1, height),
        (279, 4, 1, 1),
    ]
    directory = b''.join(struct.pack('<HHII', *entry) for entry in entries)
    return b'II*\0' + struct.pack('<IH', 8, len(entries)) + directory + bytes(4)


BOMBS = {
    'png': png(60000, 60000, zlib.compress(bytes(1 << 20))),
    'bmp': bmp(30000, 30000),
    'tiff': tiff(30000, 30000),
    'webp': (
        b'RIFF'
        + struct.pack('<I', 40)
        + b'WEBPVP8L'
        + struct.pack('<I', 28)
        + b'\x2f'
        + struct.pack('<I', 16382 | 16382 << 14)
        + bytes(23)
    ),
    'pgm': b'P5\n30000 30000\n255\n' + bytes(64),
}


@pytest.mark.parametrize('name', BOMBS)
def test_a_decompression_bomb_is_refused_before_it_uses_memory(name):
    """More than 900 megapixels in a few bytes, in a process with at most 1 GB."""
    import subprocess
    import sys

    script = (
        'import re, sys\n'
        'from fer_ros.core.imaging.decoding import decode_image\n'
        'from fer_ros.core.errors import EncodingError\n'
        'try: decode_image(sys.stdin.buffer.read())\n'
        'except EncodingError as error: print("refused", error)\n'
        # Not getrusage: its figure begins with what the parent process takes.
        'print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])\n'
    )
    done = subprocess.run([sys.executable, '-c', script], input=BOMBS[name], capture_output=True)
    lines = done.stdout.decode().split('\n')
    assert lines[0].startswith('refused'), done.stderr.decode()
    assert int(lines[1]) < 600_000, 'kilobytes'


def test_a_png_with_missing_pixels_is_refused():
    whole = zlib.compress(bytes(3 * (1 + 1)))
    assert decode_image(png(3, 3, whole)).shape == (3, 3, 3)
    for data in (zlib.compress(bytes(3)), whole[:-6], b''):
        with pytest.raises(EncodingError, match='PNG'):
            decode_image(png(3, 3, data))


def test_an_archive_with_an_unknown_compression_is_refused(tmp_path):
    data = bytearray(SEEDS['npz'][0])
    for start in (data.index(b'PK\1\2') + 10, 8):
        data[start : start + 2] = struct.pack('<H', 99)
    assert not TARGETS['npz'](tmp_path)(bytes(data))


def test_a_good_picture_is_decoded_after_bad_ones():
    for data in (b'', b'\xff\xd8\xff\xd9', png(3, 3, b'x'), *BOMBS.values()):
        with pytest.raises(EncodingError):
            decode_image(data)
    assert decode_image(picture('.png')).shape == (16, 24, 3)

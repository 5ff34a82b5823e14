"""decode_image never returns part of a picture and refuses giant pictures."""

from __future__ import annotations

import struct
import tracemalloc
import zlib

import cv2
import numpy as np
import pytest
from support.photographs import png

from fer_ros.core.errors import EncodingError
from fer_ros.core.imaging.decoding import MAX_PIXELS, decode_image, encoded_size
from fer_ros.core.imaging.layout import LayoutError
from fer_ros.core.imaging.rarer_layouts import tiff_layout


def picture(width: int = 40, height: int = 30) -> np.ndarray:
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([x * 5, y * 5, x + y], axis=2).astype(np.uint8)


def encoded(suffix: str, image: np.ndarray | None = None) -> bytes:
    ok, data = cv2.imencode(suffix, picture() if image is None else image)
    assert ok
    return data.tobytes()


@pytest.mark.parametrize('suffix', ['.jpg', '.png', '.bmp', '.webp'])
def test_a_whole_picture_is_decoded_to_bgr8(suffix):
    image = decode_image(encoded(suffix))
    assert image.dtype == np.uint8
    assert image.shape == (30, 40, 3)
    assert np.abs(image.astype(int) - picture()).mean() < 6


def test_png_keeps_every_pixel():
    np.testing.assert_array_equal(decode_image(encoded('.png')), picture())


@pytest.mark.parametrize('kind', [bytes, bytearray, memoryview])
def test_any_buffer_type_is_accepted(kind):
    assert decode_image(kind(encoded('.png'))).shape == (30, 40, 3)


def test_gray_and_transparent_pictures_become_bgr8():
    gray = encoded('.png', picture()[:, :, 0])
    transparent = encoded('.png', cv2.cvtColor(picture(), cv2.COLOR_BGR2BGRA))
    deep = encoded('.png', picture()[:, :, 0].astype(np.uint16) * 257)
    for data in (gray, transparent, deep):
        image = decode_image(data)
        assert image.shape == (30, 40, 3)
        assert image.dtype == np.uint8


def test_an_empty_picture_is_refused_by_name():
    with pytest.raises(EncodingError, match=r'camera 7 is empty'):
        decode_image(b'', 'camera 7')


@pytest.mark.parametrize('suffix', ['.jpg', '.png'])
@pytest.mark.parametrize('part', [0.1, 0.5, 0.9])
def test_a_truncated_picture_is_refused_and_not_filled_with_gray(suffix, part):
    data = encoded(suffix, np.random.default_rng(0).integers(0, 256, (80, 80, 3), np.uint8))
    with pytest.raises(EncodingError, match='is truncated'):
        decode_image(data[: int(len(data) * part)])


#: What cameras, phones and people put behind a picture.
BEHIND = {
    'zeros to the size of a buffer': bytes(100_000),
    'ones': b'\xff' * 100_000,
    'random bytes': np.random.default_rng(5).bytes(100_000),
    'a video': b'\0\0\0\x18ftypmp42' + b'\0\0\0\x08mdat' * 900,
    'text': b'a note\n' * 900,
    'an archive': b'PK\3\4' + bytes(9000),
}


def jpeg(*options: int) -> bytes:
    image = np.random.default_rng(0).integers(0, 256, (80, 80, 3), np.uint8)
    return cv2.imencode('.jpg', cv2.GaussianBlur(image, (0, 0), 2), options)[1].tobytes()


#: By the way their pixels are laid out.
JPEGS = {
    'baseline': jpeg(),
    'progressive': jpeg(cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
    'with restart markers': jpeg(cv2.IMWRITE_JPEG_RST_INTERVAL, 2),
}


@pytest.mark.parametrize('behind', BEHIND)
@pytest.mark.parametrize('kind', JPEGS)
def test_data_after_the_end_of_a_jpeg_changes_nothing(kind, behind):
    np.testing.assert_array_equal(
        decode_image(JPEGS[kind] + BEHIND[behind]), decode_image(JPEGS[kind])
    )


def test_the_first_of_two_jpegs_in_one_file_is_decoded():
    """As in a gain map, or in the second eye of a stereo camera."""
    first = encoded('.jpg')
    np.testing.assert_array_equal(decode_image(first + JPEGS['baseline']), decode_image(first))


@pytest.mark.parametrize('behind', [*BEHIND, ''])
@pytest.mark.parametrize('part', [0.3, 0.6, 0.95])
@pytest.mark.parametrize('kind', JPEGS)
def test_a_truncated_jpeg_is_detected_with_any_data_after_it(kind, part, behind):
    data = JPEGS[kind][: int(len(JPEGS[kind]) * part)] + BEHIND.get(behind, b'')
    with pytest.raises(EncodingError, match='is truncated'):
        decode_image(data, 'a.jpg')


def test_a_truncated_jpeg_before_another_jpeg_is_detected():
    with pytest.raises(EncodingError, match='is truncated'):
        decode_image(JPEGS['baseline'][:-40] + encoded('.jpg'))


def test_the_preview_inside_a_jpeg_does_not_count_as_its_end():
    preview = encoded('.jpg')
    data = encoded('.jpg', picture(64, 48))
    block = b'\xff\xe1' + struct.pack('>H', len(preview) + 2) + preview
    assert decode_image(data[:2] + block + data[2:]).shape == (48, 64, 3)
    with pytest.raises(EncodingError, match='is truncated'):
        decode_image((data[:2] + block + data[2:])[:-30])


@pytest.mark.parametrize('behind', BEHIND)
@pytest.mark.parametrize('suffix', ['.png', '.webp'])
def test_data_after_the_end_of_other_formats_changes_nothing(suffix, behind):
    data = encoded(suffix)
    np.testing.assert_array_equal(decode_image(data + BEHIND[behind]), decode_image(data))


@pytest.mark.parametrize('suffix', ['.webp', '.bmp', '.ppm', '.tiff'])
@pytest.mark.parametrize('part', [0.3, 0.6, 0.95])
def test_a_truncated_picture_of_another_format_is_detected(suffix, part):
    data = encoded(suffix, np.random.default_rng(0).integers(0, 256, (80, 80, 3), np.uint8))
    with pytest.raises(EncodingError, match='truncated'):
        decode_image(data[: int(len(data) * part)])


def tiff(*pages: int) -> bytes:
    """Return a TIFF of gray pages of 4x4 pixels with these subfile types; 1 is a reduced copy."""
    data, link = bytearray(b'II*\0\0\0\0\0'), 4
    for subfile in pages:
        place = len(data)
        pixels = place + 2 + 9 * 12 + 4
        data[link : link + 4] = struct.pack('<I', place)
        entries = [
            (254, subfile),
            (256, 4),
            (257, 4),
            (258, 8),
            (259, 1),
            (262, 1),
            (273, pixels),
            (278, 4),
            (279, 16),
        ]
        data += struct.pack('<H', len(entries))
        data += b''.join(struct.pack('<HHII', tag, 4, 1, value) for tag, value in entries)
        link = len(data)
        data += bytes(4) + bytes(range(0, 160, 10))
    return bytes(data)


def test_a_tiff_of_several_pages_is_reported_but_not_a_reduced_copy():
    assert decode_image(tiff(0)).shape == decode_image(tiff(0, 1)).shape == (4, 4, 3)
    with pytest.raises(EncodingError, match='scan has 3 pages: save one page as a picture'):
        decode_image(tiff(0, 0, 0), 'scan')


def tiff_with_tags(tags: list[int], values: int) -> bytes:
    """Return the page of a TIFF in which each tag has these many integers, all in one place."""
    directory = struct.pack('<H', len(tags) + 2)
    directory += struct.pack('<HHII', 256, 4, 1, 4) + struct.pack('<HHII', 257, 4, 1, 4)
    directory += b''.join(struct.pack('<HHII', tag, 4, values, 8) for tag in tags) + bytes(4)
    return b'II*\0' + struct.pack('<I', 8 + 4 * values) + bytes(4 * values) + directory


def test_the_tags_of_a_tiff_need_little_memory():
    """With all tags as 64-bit integers, 1 MB of this kind took 80 MB."""
    data = tiff_with_tags(list(range(1000, 1040)) + [273, 279] * 20, 250_000)
    tracemalloc.start()
    try:
        assert tiff_layout(memoryview(data)).width == 4
        assert tracemalloc.get_traced_memory()[1] < 10e6
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ('tags', 'values', 'message'),
    [([273], 500_000, 'tag 273 has 500000 values'), ([999] * 2000, 1, 'a page has 2002 tags')],
)
def test_a_tiff_with_too_many_tags_or_values_is_refused(tags, values, message):
    with pytest.raises(LayoutError, match=message):
        tiff_layout(memoryview(tiff_with_tags(tags, values)))


def test_the_preview_of_a_raw_file_is_not_decoded():
    with pytest.raises(EncodingError, match='preview, as camera raw files do: save it as JPEG'):
        decode_image(tiff(1, 0))


@pytest.mark.parametrize(
    ('data', 'name'),
    [
        (b'\xff\x0a' + bytes(50), 'JPEG XL'),
        (b'\0\0\0\x0cjP  ' + bytes(50), 'JPEG 2000'),
        (b'8BPS' + bytes(50), 'Photoshop'),
        (b'\0\0\0\x18ftypcrx ' + bytes(50), 'camera raw'),
    ],
)
def test_an_unsupported_format_is_named(data, name):
    with pytest.raises(EncodingError, match=f'{name} is not supported: save it as JPEG or PNG'):
        decode_image(data)


@pytest.mark.parametrize(
    'data', [b'hello', b'\xff\xd8\xff\xd9', b'\x89PNG\r\n\x1a\nIEND\xaeB`\x82']
)
def test_other_data_is_refused(data):
    with pytest.raises(EncodingError, match='cannot be decoded'):
        decode_image(data)


@pytest.mark.parametrize('length', [2**31 - 1, 2**32 - 1, 5000])
def test_a_png_with_a_chunk_beyond_its_end_is_refused_at_once(length):
    """OpenCV 4.11 needs minutes for 467 bytes of this kind. Fuzzing found them."""
    data = bytearray(encoded('.png'))
    place = data.index(b'IDAT') - 4
    data[place : place + 4] = struct.pack('>I', length)
    with pytest.raises(EncodingError, match='reaches beyond its end'):
        decode_image(bytes(data))


def test_a_png_that_ends_within_a_chunk_is_refused():
    data = encoded('.png')
    with pytest.raises(EncodingError, match=r'its last chunk is missing|beyond its end'):
        decode_image(data[: data.index(b'IDAT')] + b'IEND\xaeB`\x82')


def huge_jpeg(width: int, height: int) -> bytes:
    data = bytearray(encoded('.jpg'))
    place = data.index(b'\xff\xc0')
    data[place + 5 : place + 9] = struct.pack('>HH', height, width)
    return bytes(data)


def huge_webp(width: int, height: int) -> bytes:
    size = struct.pack('<I', width - 1)[:3] + struct.pack('<I', height - 1)[:3]
    return b'RIFF' + struct.pack('<I', 22) + b'WEBPVP8X' + struct.pack('<I', 10) + bytes(4) + size


def huge_gif(width: int, height: int) -> bytes:
    return (
        b'GIF89a' + struct.pack('<HHBBB', width, height, 0, 0, 0) + b',' + bytes(9) + b'\2\1\0\0;'
    )


def huge_png(width: int, height: int) -> bytes:
    return png(width, height, zlib.compress(b'\0'), depth=8)


@pytest.mark.parametrize('make', [huge_png, huge_jpeg, huge_webp, huge_gif])
def test_a_picture_larger_than_the_limit_is_refused_before_it_is_decoded(make):
    with pytest.raises(EncodingError, match=r'65000x65000 pixels is larger than the limit'):
        decode_image(make(65000, 65000))
    assert MAX_PIXELS < 65000 * 65000


@pytest.mark.parametrize('suffix', ['.jpg', '.png'])
def test_the_size_is_read_from_the_header(suffix):
    assert encoded_size(np.frombuffer(encoded(suffix), np.uint8)) == (40, 30)


def test_the_size_of_other_data_is_not_guessed():
    assert encoded_size(np.frombuffer(encoded('.bmp'), np.uint8)) is None
    assert encoded_size(np.frombuffer(b'\xff\xd8', np.uint8)) is None


def test_broken_headers_raise_encoding_error_only():
    data = encoded('.jpg')
    random = np.random.default_rng(1)
    for _ in range(300):
        broken = bytearray(data)
        for place in random.integers(0, len(broken), 8):
            broken[place] = random.integers(0, 256)
        try:
            image = decode_image(bytes(broken))
        except EncodingError:
            continue
        assert image.ndim == 3


def with_orientation(data: bytes, value: int) -> bytes:
    """Put an EXIF block with the given orientation behind the start of a JPEG."""
    tiff = b'II*\0' + struct.pack('<IHHHII', 8, 1, 0x0112, 3, 1, value) + struct.pack('<I', 0)
    exif = b'Exif\0\0' + tiff
    return data[:2] + b'\xff\xe1' + struct.pack('>H', len(exif) + 2) + exif + data[2:]


def test_orientation_is_applied_only_on_request():
    data = with_orientation(encoded('.jpg'), 6)
    assert decode_image(data).shape == (30, 40, 3)
    assert decode_image(data, rotate=True).shape == (40, 30, 3)

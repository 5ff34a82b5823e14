"""Pictures and folders of pictures as sources: order, rate and skipped files."""

from __future__ import annotations

import os
import struct
import threading
import zlib
from dataclasses import replace
from itertools import islice

import cv2
import numpy as np
import pytest
from support.photographs import corners, encode

from fer_ros.core.errors import SourceError
from fer_ros.core.sources import SourceConfig, create_source
from fer_ros.core.sources.pictures import REPEATS, FolderSource, PictureSource, read_picture

FAST = SourceConfig(realtime=False, clock=lambda: 0)
LOOP = SourceConfig(realtime=False, clock=lambda: 0, loop=True)


def write_picture(path, level: int = 100, width: int = 40, height: int = 30):
    image = np.full((height, width, 3), level, np.uint8)
    cv2.imencode(path.suffix, image)[1].tofile(path)
    return path


def test_a_picture_is_delivered_once(tmp_path):
    with PictureSource(write_picture(tmp_path / 'a.png', 77), FAST) as source:
        frames = list(source)
    assert len(frames) == 1
    assert frames[0].encoding == 'bgr8'
    assert frames[0].image.shape == (30, 40, 3)
    assert np.all(frames[0].image == 77)


def test_a_looped_picture_is_delivered_at_a_steady_rate_without_copies(tmp_path):
    with PictureSource(write_picture(tmp_path / 'a.png'), LOOP) as source:
        frames = list(islice(source, 4))
    assert [frame.stamp for frame in frames] == [0, 200_000_000, 400_000_000, 600_000_000]
    assert all(frame.image is frames[0].image for frame in frames)
    assert not frames[0].image.flags.writeable


def test_a_picture_is_turned_upright_by_its_exif_orientation(tmp_path):
    path = tmp_path / 'phone.jpg'
    jpeg = cv2.imencode('.jpg', np.zeros((30, 40, 3), np.uint8))[1].tobytes()
    tiff = b'MM\0*\0\0\0\x08' + struct.pack('>HHHIHHI', 1, 0x0112, 3, 1, 6, 0, 0)
    exif = b'Exif\0\0' + tiff
    path.write_bytes(jpeg[:2] + b'\xff\xe1' + struct.pack('>H', len(exif) + 2) + exif + jpeg[2:])
    assert read_picture(path).shape == (40, 30, 3)


@pytest.mark.parametrize('shape', [(30, 40), (30, 40, 4)], ids=['gray', 'with alpha'])
@pytest.mark.parametrize('dtype', [np.uint8, np.uint16])
def test_every_kind_of_png_becomes_bgr8(tmp_path, shape, dtype):
    path = tmp_path / 'picture.png'
    cv2.imencode('.png', np.full(shape, np.iinfo(dtype).max, dtype))[1].tofile(path)
    image = read_picture(path)
    assert image.shape == (30, 40, 3)
    assert image.dtype == np.uint8
    assert np.all(image == 255)


def test_a_name_with_non_ascii_characters_is_read(tmp_path):
    assert read_picture(write_picture(tmp_path / 'żółć 笑.png')).shape == (30, 40, 3)


def test_a_giant_picture_is_refused_before_decoding(tmp_path):
    header = struct.pack('>IIBBBBB', 50_000, 50_000, 8, 2, 0, 0, 0)
    chunks = b''.join(
        struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
        for kind, data in ((b'IHDR', header), (b'IDAT', b''), (b'IEND', b''))
    )
    path = tmp_path / 'bomb.png'
    path.write_bytes(b'\x89PNG\r\n\x1a\n' + chunks)
    with pytest.raises(SourceError, match=r'bomb\.png.*50000x50000.*megapixels'):
        read_picture(path)


@pytest.mark.parametrize(('content', 'reason'), [
    (None, 'there is no file'),
    (b'', 'is empty'),
    (b'no picture at all', 'cannot be decoded'),
    (b'\xff\xd8\xff\xe0 half a picture', 'truncated'),
])  # fmt: skip
def test_other_files_are_refused_by_name(tmp_path, content, reason):
    path = tmp_path / 'a.jpg'
    if content is not None:
        path.write_bytes(content)
    source = PictureSource(path, FAST)
    with pytest.raises(SourceError, match=reason) as error:
        source.open()
    assert 'a.jpg' in str(error.value)
    assert source.read() is None


def test_a_file_without_permission_is_named(tmp_path, monkeypatch):
    path = write_picture(tmp_path / 'secret.png')
    monkeypatch.setattr('os.access', lambda *_: False)
    with pytest.raises(SourceError, match=r'secret\.png is not readable.*chmod'):
        read_picture(path)


def test_a_picture_is_read_from_a_pipe(tmp_path):
    """As in `classify <(curl ...)`."""
    data = write_picture(tmp_path / 'a.png').read_bytes()
    os.mkfifo(tmp_path / 'pipe')
    writer = threading.Thread(target=(tmp_path / 'pipe').write_bytes, args=[data])
    writer.start()
    assert read_picture(tmp_path / 'pipe').shape == (30, 40, 3)
    writer.join()


def test_only_a_name_without_suffix_may_be_another_kind_of_source(tmp_path):
    with pytest.raises(SourceError, match='a source is'):
        create_source(str(tmp_path / 'webcam'), FAST).open()
    # A command for pictures, such as classify, accepts no other source.
    for name in ('photo.jpg', 'photo'):
        with pytest.raises(SourceError) as error:
            read_picture(tmp_path / name)
        assert str(error.value).endswith('check the path')


def test_a_folder_is_read_in_natural_order(tmp_path):
    for name, level in (('p10.png', 30), ('p9.png', 20), ('P1.png', 10), ('q.png', 40)):
        write_picture(tmp_path / name, level)
    (tmp_path / 'notes.txt').write_text('no picture')
    (tmp_path / '._p2.png').write_bytes(b'left by another system')
    with FolderSource(tmp_path, FAST) as source:
        frames = list(source)
    assert [int(frame.image[0, 0, 0]) for frame in frames] == [10, 20, 30, 40]
    assert [frame.stamp for frame in frames] == [n * 200_000_000 for n in range(4)]


def test_a_looped_folder_starts_again_and_its_stamps_continue(tmp_path):
    for level in (10, 20, 30):
        write_picture(tmp_path / f'{level}.png', level)
    with FolderSource(tmp_path, LOOP) as source:
        frames = list(islice(source, 7))
    assert [int(frame.image[0, 0, 0]) for frame in frames] == [10, 20, 30, 10, 20, 30, 10]
    assert [frame.stamp for frame in frames] == [n * 200_000_000 for n in range(7)]


def test_in_real_time_each_picture_is_shown_long_enough_for_a_stable_label(tmp_path):
    for level in (10, 20):
        write_picture(tmp_path / f'{level}.png', level)
    ticks = iter(range(10**9))
    source = FolderSource(tmp_path, SourceConfig(clock=lambda: next(ticks)))
    source._timeline._realtime = False  # its schedule, without the waiting
    with source:
        frames = list(source)
        assert 'for 2 s each' in source.description
    assert [int(frame.image[0, 0, 0]) for frame in frames] == [10] * REPEATS + [20] * REPEATS
    assert frames[0].image is frames[1].image
    assert not frames[0].image.flags.writeable


def test_each_picture_of_a_folder_has_its_own_frame_id_also_when_looped(tmp_path):
    for level in (10, 20):
        write_picture(tmp_path / f'{level}.png', level)
    with FolderSource(tmp_path, replace(LOOP, frame_id='eye')) as source:
        assert [frame.frame_id for frame in islice(source, 5)] == [
            'eye/1',
            'eye/2',
            'eye/1',
            'eye/2',
            'eye/1',
        ]


def test_a_broken_picture_is_skipped_counted_and_logged_once(tmp_path, caplog):
    write_picture(tmp_path / '1.png', 10)
    (tmp_path / '2.png').write_bytes(b'broken')
    write_picture(tmp_path / '3.png', 30)
    with FolderSource(tmp_path, LOOP) as source:
        frames = list(islice(source, 6))
    assert [int(frame.image[0, 0, 0]) for frame in frames] == [10, 30] * 3
    assert source.dropped == 1
    assert '2.png' in source.warning
    assert caplog.text.count('2.png') == 1


def test_a_folder_of_broken_pictures_is_refused(tmp_path):
    for name in ('1.png', '2.jpg'):
        (tmp_path / name).write_bytes(b'broken')
    with pytest.raises(SourceError, match=r'none of the 2 pictures.*2\.jpg') as error:
        FolderSource(tmp_path, LOOP).open()
    assert str(error.value).count('the reason for the last') == 1


def test_skipped_files_of_a_folder_are_named(tmp_path, caplog):
    write_picture(tmp_path / '1.png')
    write_picture(tmp_path / '2.png').rename(tmp_path / 'no_suffix')
    for name in ('clip.mp4', 'notes.txt', 'raw.nef'):
        (tmp_path / name).write_bytes(b'x')
    (tmp_path / 'wave.gif').write_bytes(encode('.gif', corners(), 255 - corners()))
    with FolderSource(tmp_path, FAST) as source:
        assert len(list(source)) == 2
    assert f'skipped in {tmp_path}: clip.mp4, notes.txt, raw.nef, wave.gif' in caplog.text


def test_a_name_that_is_not_utf8_can_be_printed_anywhere(tmp_path):
    folder = tmp_path / os.fsdecode(b'mine\xe9')
    folder.mkdir()
    picture = write_picture(folder / 'a.png').rename(folder / os.fsdecode(b'caf\xe9.png'))
    (folder / os.fsdecode(b'none\xe9.png')).write_bytes(b'broken')
    with PictureSource(picture, FAST) as source:
        source.description.encode()
    with FolderSource(folder, FAST) as source:
        assert len(list(source)) == 1
        (source.description + source.warning).encode()
    assert r'none\udce9.png' in source.warning


def test_a_folder_whose_pictures_disappear_ends(tmp_path):
    paths = [write_picture(tmp_path / f'{n}.png') for n in range(3)]
    with FolderSource(tmp_path, LOOP) as source:
        source.read()
        for path in paths:
            path.unlink()
        assert source.read() is None
    assert 'there is no file' in source.warning


@pytest.mark.parametrize(('name', 'reason'), [('', 'contains no pictures'), ('x', 'no folder')])
def test_a_folder_without_pictures_is_refused(tmp_path, name, reason):
    with pytest.raises(SourceError, match=reason):
        FolderSource(tmp_path / name, FAST).open()

"""The kind of a file is determined by its first bytes, then by its name."""

from __future__ import annotations

import os

import cv2
import numpy as np
import pytest
from support.photographs import corners, encode

from fer_ros.core.sources import SourceConfig, create_source
from fer_ros.core.sources.animation import AnimationSource
from fer_ros.core.sources.file_kinds import FileKind, kind_of, passed_over
from fer_ros.core.sources.pictures import PictureSource
from fer_ros.core.sources.video import VideoSource

JPEG = cv2.imencode('.jpg', corners())[1].tobytes()
MP4 = b'\0\0\0\x18ftypisom' + bytes(99)


@pytest.mark.parametrize(
    ('name', 'data', 'kind'),
    [
        ('a.jpg', JPEG, FileKind.PICTURE),
        ('A.JPG', JPEG, FileKind.PICTURE),
        ('a.png', JPEG, FileKind.PICTURE),
        ('a', JPEG, FileKind.PICTURE),
        ('a.dat', JPEG, FileKind.PICTURE),
        ('clip.mp4', JPEG, FileKind.PICTURE),
        ('clip.MP4', MP4, FileKind.VIDEO),
        ('clip', MP4, FileKind.OTHER),
        ('empty.jpg', b'', FileKind.PICTURE),
        ('broken.HEIC', b'x', FileKind.PICTURE),
        ('a.heic', b'\0\0\0\x18ftypheic' + bytes(50), FileKind.PICTURE),
        ('a.mp4', b'\0\0\0\x1cftypmif1\0\0\0\0mif1heic', FileKind.PICTURE),
        ('a.nef', b'II*\0' + bytes(50), FileKind.UNREADABLE),
        ('a.jxl', b'', FileKind.UNREADABLE),
        ('notes.txt', b'hello', FileKind.OTHER),
        ('notes', b'hello', FileKind.OTHER),
    ],
)
def test_the_first_bytes_decide_before_the_name(tmp_path, name, data, kind):
    (tmp_path / name).write_bytes(data)
    assert kind_of(tmp_path / name) is kind


@pytest.mark.parametrize('suffix', ['.gif', '.webp', '.png', '.avif'])
def test_an_animation_differs_from_a_still_picture(tmp_path, suffix):
    still, moving = tmp_path / f'still{suffix}', tmp_path / f'moving{suffix}'
    still.write_bytes(encode(suffix, corners()))
    moving.write_bytes(encode(suffix, corners(), 255 - corners()))
    assert kind_of(still) is FileKind.PICTURE
    assert kind_of(moving) is FileKind.ANIMATION


def test_a_missing_file_is_classified_by_its_name(tmp_path):
    assert kind_of(tmp_path / 'a.heic') is FileKind.PICTURE
    assert kind_of(tmp_path / 'a.mkv') is FileKind.VIDEO


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / 'pipe')
    assert kind_of(tmp_path / 'pipe') is FileKind.OTHER


def test_the_kind_selects_the_source(tmp_path):
    files = {
        'a.heic': (b'\0\0\0\x18ftypheic' + bytes(50), PictureSource),
        'a.mp4': (MP4, VideoSource),
        'a.jxl': (b'', PictureSource),
        'whatever': (b'?', VideoSource),
        'a.gif': (encode('.gif', corners(), 255 - corners()), AnimationSource),
    }
    for name, (data, source) in files.items():
        (tmp_path / name).write_bytes(data)
        assert type(create_source(str(tmp_path / name), SourceConfig())) is source, name


def test_a_list_of_many_names_is_shortened_to_a_count(tmp_path):
    names = [tmp_path / f'{number}.txt' for number in range(9)]
    assert passed_over(names[:2]) == '0.txt, 1.txt'
    assert passed_over(names) == '0.txt, 1.txt, 2.txt, 3.txt, 4.txt and 4 more'
    assert passed_over([tmp_path / 'caf\udce9.txt']) == r'caf\udce9.txt'


def test_transparent_and_16_bit_pictures_are_read_alike(tmp_path):
    image = np.full((20, 30, 4), 255, np.uint8)
    deep = image[..., 0].astype(np.uint16) * 257
    for name, data in (('alpha.webp', image), ('deep.tiff', deep)):
        cv2.imencode(name[name.index('.') :], data)[1].tofile(tmp_path / name)
        with create_source(str(tmp_path / name), SourceConfig(realtime=False)) as source:
            assert source.read().image.shape == (20, 30, 3)


@pytest.mark.parametrize('suffix', ['.gif', '.webp', '.png', '.avif'])
def test_a_cut_animation_or_picture_is_known_by_its_first_bytes(tmp_path, suffix):
    """Its error refers to parts of the file while the file is released."""
    whole = encode(suffix, corners(), 255 - corners())
    for length in range(64, len(whole), max(1, len(whole) // 40)):
        (tmp_path / 'cut').write_bytes(whole[:length])
        assert kind_of(tmp_path / 'cut') in (FileKind.PICTURE, FileKind.ANIMATION), length

"""Picture files are read whole, other files not beyond their first bytes."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest
from support.photographs import corners, encode

from fer_ros.core.errors import EncodingError, OversizedError
from fer_ros.core.imaging import files
from fer_ros.core.imaging.decoding import decode_image
from fer_ros.core.imaging.files import encode_picture, read_picture_file
from fer_ros.core.imaging.formats import HEAD


def test_a_picture_is_read_whole(tmp_path):
    for suffix in ('.jpg', '.png', '.tiff'):
        path = tmp_path / f'a{suffix}'
        path.write_bytes(encode(suffix, corners()))
        assert read_picture_file(path) == path.read_bytes()


def test_a_film_and_an_endless_file_are_not_read_whole(tmp_path):
    film = tmp_path / 'film.jpg'
    with film.open('wb') as file:
        file.write(b'\0\0\0\x18ftypisom')
        file.truncate(1 << 40)
    assert len(read_picture_file(film)) == HEAD
    assert read_picture_file(Path('/dev/zero')) == bytes(HEAD)


def test_a_picture_that_does_not_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(files, 'MAX_BYTES', 2 << 20)
    path = tmp_path / 'endless.jpg'
    with path.open('wb') as file:
        file.write(encode('.jpg', corners()))
        file.truncate(1 << 40)
    with pytest.raises(OversizedError, match=r'endless\.jpg is larger than the limit of 2 MiB'):
        read_picture_file(path)


def test_a_picture_can_be_read_from_a_pipe(tmp_path):
    picture = encode('.png', corners())
    os.mkfifo(tmp_path / 'pipe')
    writer = threading.Thread(target=(tmp_path / 'pipe').write_bytes, args=(picture,))
    writer.start()
    assert read_picture_file(tmp_path / 'pipe') == picture
    writer.join()


@pytest.mark.parametrize('suffix', ['.png', '.jpg', '.JPEG'])
def test_a_picture_is_encoded_without_a_message_of_the_library(suffix, capfd):
    data = encode_picture(suffix, corners(), 90)
    assert decode_image(data).shape == corners().shape
    assert capfd.readouterr().err == ''


def test_a_size_that_a_format_does_not_have_is_an_error():
    wide = np.zeros((2, 66_000, 3), np.uint8)
    assert encode_picture('.PNG', wide)
    with pytest.raises(EncodingError, match=r'66000x2 pixels cannot be written as \.jpg'):
        encode_picture('.jpg', wide)

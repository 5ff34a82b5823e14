"""Functions that read bytes from outside, for fuzzing: they raise a FerError or accept the bytes.

A target takes bytes and returns whether they were accepted. Anything else it raises is a fault.
Used by test/fuzz with hypothesis, and by scripts/fuzz.py with coverage guidance.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from fer_ros.core.errors import FerError
from fer_ros.core.imaging.decoding import decode_image
from fer_ros.core.models import ModelCard
from training.data.dataset import make_dataset
from training.data.readers.fer_csv import read_fer_csv
from training.data.readers.ferplus import join_ferplus
from training.data.readers.imdb_wiki import read_imdb_wiki
from training.data.readers.lfw import read_lfw
from training.data.readers.npz import read_npz

#: A picture of four pixels.
PGM = b'P5\n2 2\n255\n\0\1\2\3'

Target = Callable[[bytes], bool]


def _accepts(read: Callable[[], object]) -> bool:
    try:
        read()
    except FerError:
        return False
    return True


def _of_file(name: str, read: Callable[[Path], object]) -> Callable[[Path], Target]:
    """Return a maker of a target that reads a file of that name in a folder."""

    def make(folder: Path) -> Target:
        path = folder / name

        def target(data: bytes) -> bool:
            path.write_bytes(data)
            return _accepts(lambda: read(path))

        return target

    return make


def _calibration(path: Path) -> object:
    # Imported here: it needs no ROS, but PyYAML.
    from fer_ros.ros.messages.calibration import read_calibration

    return read_calibration(str(path))


def _ferplus(path: Path) -> object:
    one = make_dataset(np.zeros((1, 2, 2), np.uint8), [0], ('neutral', 'happy'))
    return join_ferplus(one, path)


def _lfw(path: Path) -> object:
    person = path.parent / 'A_B'
    person.mkdir(exist_ok=True)
    (person / 'A_B_0001.pgm').write_bytes(PGM)
    (path.parent / 'men.txt').write_text('C_D')
    return read_lfw(path.parent, 8, 'gray')


def _imdb(path: Path) -> object:
    for name in ('a.pgm', 'b.pgm'):
        (path.parent / name).write_bytes(PGM)
    return read_imdb_wiki(path, 8, 'gray')


#: Name to a maker of the target, given a folder it may write to.
TARGETS: dict[str, Callable[[Path], Target]] = {
    'decode_image': lambda folder: lambda data: _accepts(lambda: decode_image(data)),
    'model_card': _of_file('card.json', lambda path: ModelCard.read(path.parent)),
    'calibration': _of_file('camera.yaml', _calibration),
    'fer_csv': _of_file('fer2013.csv', read_fer_csv),
    'ferplus': _of_file('fer2013new.csv', _ferplus),
    'npz': _of_file('data.npz', read_npz),
    'imdb_mat': _of_file('imdb.mat', _imdb),
    'picture_list': _of_file('women.txt', _lfw),
}

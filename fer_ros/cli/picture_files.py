"""Picture files that commands write."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.errors import FerError, printable
from fer_ros.core.imaging.files import encode_picture

#: Formats that every OpenCV writes.
SUFFIXES = ('.png', '.jpg', '.jpeg')
#: Suffix of the name of an annotated picture.
_ENDING = '_annotated.png'


def check_output(output: Path) -> None:
    """Raise FerError if an annotated picture cannot be written or would replace a file."""
    if output.suffix.lower() not in SUFFIXES:
        raise FerError(f'{output}: name a file that ends in {", ".join(SUFFIXES)}')
    _check_free(output)


def output_paths(pictures: Sequence[Path], output: Path) -> list[Path]:
    """Return the path of each annotated picture. All paths are different.

    Args:
        output: The file of a single picture, or a folder, which is created if necessary. Pictures
            with the same name keep their folders in it.

    Raises:
        FerError: The output cannot be used, or a file would be replaced.
    """
    if not os.path.isdir(output):
        if len(pictures) == 1:
            check_output(output)
            return [output]
        if os.path.lexists(output) or output.suffix.lower() in SUFFIXES:
            raise FerError(f'{output} is not a folder: for several pictures, name a folder')
    paths = [output / f'{picture.stem}{_ENDING}' for picture in pictures]
    if len(set(paths)) < len(paths):
        whole = [Path(os.path.abspath(picture)) for picture in pictures]
        base = os.path.commonpath([picture.parent for picture in whole])
        paths = [
            output / picture.relative_to(base).with_name(picture.name + _ENDING)
            for picture in whole
        ]
    for path in paths:
        _check_free(path)
    return paths


def write_annotated(output: Path, image: NDArray[np.uint8]) -> None:
    """Write a bgr8 picture into a new file and print its path.

    Raises:
        FerError: The file cannot be written.
    """
    data = encode_picture(output.suffix, image)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with output.open('xb') as file:
            _write_whole(file, data, output)
    except FileExistsError as error:
        # Or its folder is a file.
        raise FerError(_taken(error.filename)) from error
    except OSError as error:
        raise FerError(
            f'{output} cannot be written ({error.strerror}): check space and permissions'
        ) from error
    print(f'wrote {printable(str(output))}', flush=True)


def _write_whole(file: BinaryIO, data: bytes, output: Path) -> None:
    """Write a new file. Remove it if the disk is full or a signal ends the program."""
    try:
        file.write(data)
        file.flush()
    except BaseException:
        output.unlink(missing_ok=True)
        raise


def _check_free(output: Path) -> None:
    if os.path.lexists(output):
        raise FerError(_taken(output))


def _taken(path: Path | str) -> str:
    return f'{path} already exists: name another file, or remove it'

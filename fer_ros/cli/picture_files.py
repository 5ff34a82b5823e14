"""Pictures that a command reads and writes."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.errors import EncodingError, FerError

#: What OpenCV writes everywhere.
SUFFIXES = ('.png', '.jpg', '.jpeg')


def read_picture(picture: Path) -> bytes:
    """Return the bytes of a picture file. Raises EncodingError."""
    try:
        return picture.read_bytes()
    except OSError as error:
        raise EncodingError(
            f'{picture} cannot be read ({error.strerror}): check the path') from error


def check_output(output: Path, folder: bool = False) -> None:
    """Raise FerError where an annotated picture, or a folder of them, cannot be written."""
    if folder:
        if not output.is_dir():
            raise FerError(f'{output} is no folder: several pictures need one')
    elif output.suffix.lower() not in SUFFIXES:
        raise FerError(f'{output}: name a file that ends in {", ".join(SUFFIXES)}')


def write_annotated(output: Path, image: NDArray[np.uint8]) -> None:
    """Write a bgr8 picture and say so. Raises FerError."""
    _, data = cv2.imencode(output.suffix.lower(), image)
    try:
        output.write_bytes(data.tobytes())
    except OSError as error:
        raise FerError(f'{output} cannot be written ({error.strerror})') from error
    print(f'wrote {output}')

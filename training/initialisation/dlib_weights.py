"""Reader of the convolutions of a serialised dlib network."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.errors import TrainingError

#: dlib writes the name of each layer with its length before it. The tensor follows.
LAYER = re.compile(rb'\x01\x05(con_)[0-9]|\x01\x07(affine_)')
TENSOR_VERSION = 2
#: Bits in the byte before an integer.
NEGATIVE, LENGTH = 0x80, 0x0F


@dataclass(frozen=True)
class Convolution:
    """A convolution and what follows: y = factor * (x * kernel + bias) + offset.

    Attributes:
        kernel: (H, W, C, filters).
        bias: (filters,).
        factor: (filters,).
        offset: (filters,).
    """

    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]
    factor: NDArray[np.float32]
    offset: NDArray[np.float32]


def read_convolutions(content: bytes) -> list[Convolution]:
    """Return the convolutions of a .dat file in order, each with its folded affine layer.

    Raises:
        TrainingError: the content is not a dlib network.
    """
    found: list[Convolution] = []
    pending: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None
    try:
        for match in LAYER.finditer(content):
            values, position = _tensor(content, match.end())
            if match.group(1):
                filters, position = _integer(content, position)
                height, position = _integer(content, position)
                width, _ = _integer(content, position)
                kernel = values[:-filters].reshape(filters, -1, height, width)
                pending = kernel.transpose(2, 3, 1, 0), values[-filters:]
            elif pending is not None:
                found.append(Convolution(*pending, *np.split(values, 2)))
                pending = None
    except (IndexError, ValueError) as error:
        raise TrainingError(f'the file is not a readable dlib network: {error}') from error
    if not found:
        raise TrainingError('the file is not a dlib network: it has no convolutions')
    return found


def _tensor(content: bytes, position: int) -> tuple[NDArray[np.float32], int]:
    """Return the flat values of a tensor and its end: version, four sizes, float32 values."""
    version, position = _integer(content, position)
    if version != TENSOR_VERSION:
        raise ValueError(f'a tensor of version {version}')
    sizes = []
    for _ in range(4):
        size, position = _integer(content, position)
        sizes.append(size)
    count = math.prod(sizes)
    return np.frombuffer(content, '<f4', count, position), position + 4 * count


def _integer(content: bytes, position: int) -> tuple[int, int]:
    """Return an integer and its end: a byte of sign and length, then little-endian bytes."""
    head = content[position]
    end = position + 1 + (head & LENGTH)
    value = int.from_bytes(content[position + 1 : end], 'little')
    return (-value if head & NEGATIVE else value), end

"""The pictures of a data set, in memory or in files that are read when needed."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from training.data.picture_files import read_picture, read_with_side
from training.errors import DataError

#: Number of pictures that are read at a time in an iteration over a whole set.
CHUNK = 512
#: Largest size in bytes of a set that is kept in memory.
MEMORY_LIMIT = 2 << 30

Selection = NDArray[np.bool_] | NDArray[np.int64]


class Pictures(ABC):
    """A sequence of pictures of one size: (N, S, S) gray or (N, S, S, 3) RGB, uint8."""

    #: Shape of one picture, (S, S) or (S, S, 3).
    shape: tuple[int, ...]
    _digest = ''

    @abstractmethod
    def __len__(self) -> int:
        """Return N."""

    @abstractmethod
    def load(self, which: Selection | slice) -> NDArray[np.uint8]:
        """Return the selected pictures as one array."""

    @abstractmethod
    def subset(self, which: Selection) -> Pictures:
        """Return the selected pictures without reading them."""

    def sides(self) -> NDArray[np.int64]:
        """Return the smaller side of each picture in its file, in pixels, (N,)."""
        return np.full(len(self), self.shape[0], dtype=np.int64)

    def chunks(self) -> Iterator[NDArray[np.uint8]]:
        """Iterate over all pictures in order, CHUNK at a time."""
        for start in range(0, len(self), CHUNK):
            yield self.load(slice(start, start + CHUNK))

    def digest(self) -> str:
        """Return the SHA-256 of all pixels. They are read only once for it."""
        self._digest = self._digest or self._compute_digest()
        return self._digest

    def original_digest(self) -> str:
        """Return the SHA-256 of the pictures before a change of their size or channels."""
        return self.digest()

    def _compute_digest(self) -> str:
        digest = hashlib.sha256(repr((len(self), self.shape)).encode())
        for chunk in self.chunks():
            digest.update(np.ascontiguousarray(chunk).data)
        return digest.hexdigest()


class ArrayPictures(Pictures):
    """Pictures in memory.

    Args:
        array: (N, S, S) gray or (N, S, S, 3) RGB, uint8.
        found: (N,) the smaller sides in their files, in pixels, if they differ.
    """

    def __init__(self, array: NDArray[np.uint8], found: NDArray[np.int64] | None = None) -> None:
        square = array.ndim in (3, 4) and array.shape[1] == array.shape[2]
        if array.dtype != np.uint8 or not square or array.shape[3:] not in ((), (3,)):
            raise DataError(
                f'pictures are {array.dtype} of shape {array.shape}; they must be uint8, '
                '(N, S, S) gray or (N, S, S, 3) RGB'
            )
        self._array, self._found = array, found
        self.shape = array.shape[1:]

    def __len__(self) -> int:
        return len(self._array)

    def load(self, which: Selection | slice) -> NDArray[np.uint8]:
        """Return the selected pictures as one array."""
        return self._array[which]

    def subset(self, which: Selection) -> ArrayPictures:
        """Return a copy of the selected pictures."""
        return ArrayPictures(
            self._array[which], None if self._found is None else self._found[which]
        )

    def sides(self) -> NDArray[np.int64]:
        """Return the smaller side of each picture in its file, in pixels, (N,)."""
        return super().sides() if self._found is None else self._found


class FilePictures(Pictures):
    """Pictures in files. They are read, converted and resized on each access.

    Args:
        found: (N,) the smaller sides in their files, in pixels.
    """

    def __init__(
        self, paths: Sequence[Path], size: int, channels: str, found: NDArray[np.int64]
    ) -> None:
        self._paths, self._found = list(paths), found
        self._size, self._channels = size, channels
        self.shape = (size, size) if channels == 'gray' else (size, size, 3)

    def __len__(self) -> int:
        return len(self._paths)

    def load(self, which: Selection | slice) -> NDArray[np.uint8]:
        """Read the selected pictures into one array.

        Raises DataError if a file can no longer be read.
        """
        paths = [self._paths[index] for index in np.arange(len(self))[which]]
        images = [read_picture(path, self._size, self._channels) for path in paths]
        return np.stack(images) if images else np.empty((0, *self.shape), np.uint8)

    def subset(self, which: Selection) -> FilePictures:
        """Return the selected files."""
        chosen = [self._paths[index] for index in np.arange(len(self))[which]]
        return FilePictures(chosen, self._size, self._channels, self._found[which])

    def sides(self) -> NDArray[np.int64]:
        """Return the smaller side of each picture in its file, in pixels, (N,)."""
        return self._found


class _ConvertedPictures(Pictures):
    """Pictures of another sequence, converted on each access.

    Args:
        source: The pictures before the conversion.
        shape: Shape of one converted picture.
        conversion: A text that differs for each conversion, for the digest.
    """

    def __init__(self, source: Pictures, shape: tuple[int, ...], conversion: str) -> None:
        self.source, self._conversion = source, conversion
        self.shape = shape

    @abstractmethod
    def _convert(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return one converted picture."""

    def __len__(self) -> int:
        return len(self.source)

    def load(self, which: Selection | slice) -> NDArray[np.uint8]:
        """Return the selected pictures as one array."""
        found = self.source.load(which)
        converted = np.empty((len(found), *self.shape), np.uint8)
        for picture, target in zip(found, converted, strict=True):
            target[:] = self._convert(picture)
        return converted

    def sides(self) -> NDArray[np.int64]:
        """Return the smaller side of each picture in its file, in pixels, (N,)."""
        return self.source.sides()

    def original_digest(self) -> str:
        """Return the SHA-256 of the pictures before they were converted."""
        return self.source.original_digest()

    def _compute_digest(self) -> str:
        """Return a SHA-256 of the source and the conversion. It does not depend on rounding."""
        return hashlib.sha256(f'{self.source.digest()} {self._conversion}'.encode()).hexdigest()


class ResizedPictures(_ConvertedPictures):
    """Square pictures of another sequence, resized to `size` pixels on each access.

    Enlarging is linear, and reducing averages areas, as for the crops of a model.
    """

    def __init__(self, source: Pictures, size: int) -> None:
        super().__init__(source, (size, size, *source.shape[2:]), str(size))
        self._size = size
        self._method = cv2.INTER_LINEAR if size > source.shape[0] else cv2.INTER_AREA

    def subset(self, which: Selection) -> ResizedPictures:
        """Return the selected pictures without resizing them."""
        return ResizedPictures(self.source.subset(which), self._size)

    def _convert(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        resized = cv2.resize(picture, (self._size, self._size), interpolation=self._method)
        return np.asarray(resized, np.uint8)


class GrayPictures(_ConvertedPictures):
    """RGB pictures of another sequence, converted to gray on each access."""

    def __init__(self, source: Pictures) -> None:
        super().__init__(source, source.shape[:2], 'gray')

    def subset(self, which: Selection) -> GrayPictures:
        """Return the selected pictures without converting them."""
        return GrayPictures(self.source.subset(which))

    def _convert(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)


class JoinedPictures(Pictures):
    """A concatenation of picture sequences of one shape."""

    def __init__(self, parts: Sequence[Pictures]) -> None:
        self._parts = list(parts)
        self._starts = np.cumsum([0, *(len(part) for part in parts)])
        self.shape = self._parts[0].shape

    def __len__(self) -> int:
        return int(self._starts[-1])

    def load(self, which: Selection | slice) -> NDArray[np.uint8]:
        """Return the selected pictures as one array."""
        indices = np.arange(len(self))[which]
        result = np.empty((len(indices), *self.shape), np.uint8)
        for part, start in zip(self._parts, self._starts, strict=False):
            inside = (indices >= start) & (indices < start + len(part))
            if inside.any():
                result[inside] = part.load(indices[inside] - start)
        return result

    def subset(self, which: Selection) -> Pictures:
        """Return the selected pictures, in memory or in files like their parts."""
        indices = np.arange(len(self))[which]
        if (np.diff(indices) > 0).all():
            bounds = np.searchsorted(indices, self._starts)
            chosen = [
                part.subset(indices[low:high] - start)
                for part, start, low, high in zip(
                    self._parts, self._starts, bounds, bounds[1:], strict=False
                )
                if high > low
            ]
            return JoinedPictures(chosen) if chosen else self._parts[0].subset(indices)
        raise DataError('joined pictures can only be selected in their order')

    def sides(self) -> NDArray[np.int64]:
        """Return the smaller side of each picture in its file, in pixels, (N,)."""
        return np.concatenate([part.sides() for part in self._parts])

    def original_digest(self) -> str:
        """Return the SHA-256 of the parts before a change of their size or channels."""
        together = ' '.join(part.original_digest() for part in self._parts)
        return hashlib.sha256(together.encode()).hexdigest()


def read_pictures(
    paths: Sequence[Path], size: int, channels: str, memory_limit: int = MEMORY_LIMIT
) -> tuple[Pictures, NDArray[np.int64], list[str]]:
    """Read files once. Return the readable pictures, their indices, and the faults of the others.

    All pictures are kept in memory if they fit into `memory_limit` bytes, otherwise in the files.
    """
    each = size * size * (1 if channels == 'gray' else 3)
    in_memory = each * len(paths) <= memory_limit
    good, found, images, skipped = [], [], [], []
    for index, path in enumerate(paths):
        try:
            image, side = read_with_side(path, size, channels)
        except DataError as error:
            skipped.append(str(error))
            continue
        good.append(index)
        found.append(side)
        if in_memory:
            images.append(image)
    kept, sides = np.array(good, dtype=np.int64), np.array(found, dtype=np.int64)
    if in_memory:
        shape = (0, size, size) if channels == 'gray' else (0, size, size, 3)
        array = np.stack(images) if images else np.empty(shape, np.uint8)
        return ArrayPictures(array, sides), kept, skipped
    files = [paths[index] for index in good]
    return FilePictures(files, size, channels, sides), kept, skipped

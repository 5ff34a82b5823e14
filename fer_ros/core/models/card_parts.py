"""Parts of a model card: the input of the model, and its files."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from fer_ros.core.crop import CHANNELS, GEOMETRIES, LARGEST_SIZE, CropGeometry
from fer_ros.core.errors import ModelError
from fer_ros.core.models.fields import Fields
from fer_ros.core.models.files import sha256_of

#: Order of the axes in the input of a graph: batch (N), height, width, channels.
LAYOUTS = ('NHWC', 'NCHW')


@dataclass(frozen=True, slots=True)
class Normalisation:
    """The value of a pixel in the input of a graph: (pixel - mean) * scale, in float32."""

    mean: float
    scale: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.mean) and math.isfinite(self.scale)) or self.scale == 0:
            raise ModelError('input.normalisation needs a finite mean and a finite scale, not 0')


@dataclass(frozen=True, slots=True)
class ModelInput:
    """The crop that a model takes, and the conversion of its pixels.

    Attributes:
        size: Side of the square in pixels, 8 to LARGEST_SIZE.
        channels: 'gray', 'rgb' or 'bgr'.
        geometry: Framing of the crop.
        normalisation: Normalisation of the pixels.
    """

    size: int
    channels: str
    geometry: CropGeometry
    normalisation: Normalisation

    def __post_init__(self) -> None:
        if not 8 <= self.size <= LARGEST_SIZE:
            raise ModelError(f'input.size must be 8 to {LARGEST_SIZE} pixels, not {self.size}')
        if self.channels not in CHANNELS:
            raise ModelError(f'input.channels must be one of {CHANNELS}, not {self.channels!r}')


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file for a runtime, in the folder of the card.

    Attributes:
        file: Plain file name.
        sha256: SHA-256 of its bytes, in hexadecimal.
        layout: Layout of the input of the graph, one of LAYOUTS.
    """

    file: str
    sha256: str
    layout: str

    def __post_init__(self) -> None:
        if not _is_plain_file_name(self.file):
            raise ModelError(
                f'file {self.file!r} must be a plain name of a file in the folder of the card'
            )
        if len(self.sha256) != 64 or set(self.sha256) - set('0123456789abcdef'):
            raise ModelError(f'sha256 of {self.file} must be 64 lower-case hexadecimal digits')
        if self.layout not in LAYOUTS:
            raise ModelError(f'layout of {self.file} must be in {LAYOUTS}, not {self.layout!r}')

    @classmethod
    def describe(cls, path: Path, layout: str) -> ModelFile:
        """Return the entry for an existing file."""
        return cls(path.name, sha256_of(path.read_bytes()), layout)


def read_input(fields: Fields) -> ModelInput:
    """Return the input that the entries of a card describe.

    Raises:
        ModelError: An entry is missing or wrong.
    """
    fields.allow_only(('size', 'channels', 'crop_geometry', 'normalisation'))
    normalisation = fields.section('normalisation')
    normalisation.allow_only(('mean', 'scale'))
    return ModelInput(
        size=fields.whole('size'),
        channels=fields.text('channels'),
        geometry=_read_geometry(fields.section('crop_geometry')),
        normalisation=Normalisation(normalisation.number('mean'), normalisation.number('scale')),
    )


def _read_geometry(fields: Fields) -> CropGeometry:
    fields.allow_only(('name', 'box_scale', 'center', 'max_roll'))
    center = fields.numbers('center')
    if len(center) != 2:
        raise ModelError(f'input.crop_geometry.center must be two numbers, not {len(center)}')
    name, box_scale = fields.text('name'), fields.number('box_scale')
    try:
        geometry = CropGeometry(name, box_scale, (center[0], center[1]), fields.number('max_roll'))
    except ValueError as error:
        raise ModelError(f'input.crop_geometry: {error}') from error
    known = GEOMETRIES.get(name)
    if known is None:
        return geometry
    if not geometry.same_framing(known):
        raise ModelError(
            f'input.crop_geometry has the name {name!r} but other numbers than the geometry of '
            f'that name ({known}): give it another name'
        )
    return known


def read_file(fields: Fields) -> ModelFile:
    """Return the file that the entries of a card describe.

    Raises:
        ModelError: An entry is missing or wrong.
    """
    fields.allow_only(('file', 'sha256', 'layout'))
    return ModelFile(fields.text('file'), fields.text('sha256'), fields.text('layout'))


def _is_plain_file_name(name: str) -> bool:
    return name not in ('', '.', '..') and not set(name) & set('/\\:\0')

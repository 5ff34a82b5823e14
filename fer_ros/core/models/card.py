"""Model cards: input, output and files of a model.

Labels, numbers and file hashes of a card are verified before it is used. `fingerprint` binds the
order of the labels to the files. It detects labels edited by hand, also if the check input cannot
distinguish two of them.
"""

from __future__ import annotations

import gzip
import json
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fer_ros.core.crop import CropSpec
from fer_ros.core.errors import ModelError
from fer_ros.core.models.card_parts import ModelFile, ModelInput, read_file, read_input
from fer_ros.core.models.check import ModelCheck
from fer_ros.core.models.fields import Fields, parse_json
from fer_ros.core.models.files import sha256_of, write_atomically

CARD_FILE = 'card.json'
CARD_FORMAT = 1
#: Keys of `files`: TensorFlow Lite for LiteRT, ONNX for onnxruntime and OpenCV DNN.
FILE_FORMATS = ('litert', 'onnx')

_LARGEST_CARD = 1 << 20
_TEXTS = ('description', 'architecture', 'licence', 'data', 'limits')
_KEYS = (
    'format', 'name', 'task', 'labels', 'input', 'temperature', 'files', 'fingerprint', 'check',
    *_TEXTS, 'parameters', 'metrics',
)  # fmt: skip


@dataclass(frozen=True)
class ModelCard:
    """A model by its card.

    Attributes:
        task: Subject of the labels: 'expression', or the name of a further attribute.
        labels: In output order.
        temperature: Divisor of the logits before the softmax, > 0.
        files: The files, by keys of FILE_FORMATS.
        parameters: Number of weights.
        metrics: A JSON object of any content.
        folder: Folder of the card and its files. It is not written.
    """

    name: str
    task: str
    labels: tuple[str, ...]
    input: ModelInput
    files: Mapping[str, ModelFile]
    check: ModelCheck
    temperature: float = 1.0
    description: str = ''
    architecture: str = ''
    licence: str = ''
    data: str = ''
    limits: str = ''
    parameters: int = 0
    metrics: Mapping[str, object] = field(default_factory=dict)
    folder: Path = Path()

    def __post_init__(self) -> None:
        if len(self.labels) < 2:
            raise ModelError('labels must name at least two classes')
        twice = sorted({name for name in self.labels if self.labels.count(name) > 1})
        if twice:
            raise ModelError(f'labels are given twice: {", ".join(twice)}')
        if not math.isfinite(self.temperature) or self.temperature <= 0:
            raise ModelError(f'temperature must be finite and above 0, not {self.temperature}')
        if not self.files:
            raise ModelError(f'files must contain at least one of {", ".join(FILE_FORMATS)}')
        unknown = [key for key in self.files if key not in FILE_FORMATS]
        if unknown:
            raise ModelError(f'files: {unknown} is not among {", ".join(FILE_FORMATS)}')
        if set(self.check.probabilities) != set(self.labels):
            raise ModelError(
                f'check.probabilities ({", ".join(self.check.probabilities)}) must contain one '
                f'entry for each of the labels ({", ".join(self.labels)})'
            )
        if self.parameters < 0:
            raise ModelError(f'parameters must not be negative, not {self.parameters}')

    @property
    def path(self) -> Path:
        """Return the path of the card."""
        return self.folder / CARD_FILE

    @property
    def crop_spec(self) -> CropSpec:
        """Return the specification of the crops of this model, for cut_crop()."""
        return CropSpec(self.input.geometry, self.input.size, self.input.channels)

    @property
    def fingerprint(self) -> str:
        """Return the sha256 that binds the order of the labels to the files."""
        files = {key: file.sha256 for key, file in sorted(self.files.items())}
        return sha256_of(json.dumps([self.labels, files]).encode())

    def file_bytes(self, file_format: str) -> bytes:
        """Return the content of a runtime file, verified by its hash. A .gz file is unpacked.

        Raises:
            ModelError: The card has no such file, or the file is missing, cannot be read or was
                altered.
        """
        if file_format not in self.files:
            raise ModelError(
                f'{self.path}: model {self.name!r} has no {file_format} file; the card offers '
                f'{", ".join(self.files)}. Export the model with it, or choose another runtime.'
            )
        entry = self.files[file_format]
        path = self.folder / entry.file
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ModelError(
                f'{path}: the {file_format} file of model {self.name!r} cannot be read '
                f'({error.strerror}). Restore the file, or install the model again.'
            ) from error
        found = sha256_of(data)
        if found != entry.sha256:
            raise ModelError(
                f'{path}: altered or truncated: its sha256 is {found}, {self.path.name} says '
                f'{entry.sha256}. Restore the file, or export the model again.'
            )
        return self._unpacked(path, data) if path.suffix == '.gz' else data

    @staticmethod
    def _unpacked(path: Path, data: bytes) -> bytes:
        try:
            return gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise ModelError(
                f'{path} is not a gzip file ({error}). Export the model again.'
            ) from error

    def to_dict(self) -> dict[str, object]:
        """Return the card as the JSON object that is written."""
        geometry = self.input.geometry
        return {
            'format': CARD_FORMAT,
            'name': self.name,
            'task': self.task,
            'labels': list(self.labels),
            'input': {
                'size': self.input.size,
                'channels': self.input.channels,
                'crop_geometry': {
                    'name': geometry.name,
                    'box_scale': geometry.box_scale,
                    'center': list(geometry.center),
                    'max_roll': geometry.max_roll,
                },
                'normalisation': {
                    'mean': self.input.normalisation.mean,
                    'scale': self.input.normalisation.scale,
                },
            },
            'temperature': self.temperature,
            'files': {
                key: {'file': file.file, 'sha256': file.sha256, 'layout': file.layout}
                for key, file in self.files.items()
            },
            'fingerprint': self.fingerprint,
            'check': {
                'seed': self.check.seed,
                'probabilities': dict(self.check.probabilities),
                'tolerance': self.check.tolerance,
            },
            **{key: getattr(self, key) for key in _TEXTS if getattr(self, key)},
            'parameters': self.parameters,
            'metrics': dict(self.metrics),
        }

    @classmethod
    def from_dict(cls, value: object, folder: Path) -> ModelCard:
        """Return the card that a JSON object describes. Reads no files.

        Raises:
            ModelError: An entry is missing or wrong. The error names it.
        """
        fields = Fields(value)
        if fields.whole('format') != CARD_FORMAT:
            raise ModelError(
                f'format {fields.whole("format")} is not supported (supported: {CARD_FORMAT}): '
                'the card was written by another version of this package'
            )
        fields.allow_only(_KEYS)
        files = fields.section('files')
        check = fields.section('check')
        check.allow_only(('seed', 'probabilities', 'tolerance'))
        card = cls(
            name=fields.text('name'),
            task=fields.text('task'),
            labels=fields.texts('labels'),
            input=read_input(fields.section('input')),
            temperature=fields.number('temperature'),
            files={key: read_file(files.section(key)) for key in fields.mapping('files')},
            check=ModelCheck(
                check.whole('seed'),
                check.number_mapping('probabilities'),
                check.number('tolerance'),
            ),
            **{key: fields.text(key) for key in _TEXTS if fields.has(key)},
            parameters=fields.whole('parameters') if fields.has('parameters') else 0,
            metrics=fields.mapping('metrics') if fields.has('metrics') else {},
            folder=folder,
        )
        if fields.text('fingerprint') != card.fingerprint:
            raise ModelError(
                'the fingerprint does not match: labels or file hashes were changed after the '
                'card '
                'was written, so labels and outputs may not belong together'
            )
        return card

    @classmethod
    def read(cls, folder: Path) -> ModelCard:
        """Return the card of a model folder, with all its files verified.

        Raises:
            ModelError: The card cannot be read.
        """
        path = folder / CARD_FILE
        try:
            with path.open('rb') as stream:
                data = stream.read(_LARGEST_CARD + 1)
        except OSError as error:
            raise ModelError(
                f'{path}: cannot be read ({error.strerror}). A model folder contains {CARD_FILE} '
                'and its files: install or export the model again.'
            ) from error
        try:
            if len(data) > _LARGEST_CARD:
                raise ModelError(f'larger than {_LARGEST_CARD} bytes')
            card = cls.from_dict(parse_json(data), folder)
        except ModelError as error:
            raise ModelError(
                f'{path}: {error}. Restore the card, or export the model again.'
            ) from error
        for file_format in card.files:
            card.file_bytes(file_format)
        return card

    def write(self, folder: Path) -> ModelCard:
        """Write card.json into the folder with the files of the model, and return the card.

        It writes a temporary file and moves it, so that a reader finds the old or the new card.

        Raises:
            ModelError: A file is missing or has another hash, or the card cannot be written. An
                existing card is then kept.
        """
        try:
            text = json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)
            card = self.from_dict(parse_json(text.encode('utf-8')), folder)
        except (ModelError, TypeError, ValueError) as error:
            raise ModelError(
                f'{folder / CARD_FILE}: would not be a valid card: {error}. Nothing was written.'
            ) from error
        for file_format in card.files:
            card.file_bytes(file_format)
        try:
            write_atomically(card.path, (text + '\n').encode())
        except OSError as error:
            raise ModelError(
                f'{card.path}: cannot be written ({error.strerror}). Check space and permissions.'
            ) from error
        return card

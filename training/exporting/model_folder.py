"""Writing of a model folder: the network as TFLite, ONNX and Keras, and the card."""

from __future__ import annotations

import gzip
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.classification import softmax
from fer_ros.core.crop import FER2013, CropSpec
from fer_ros.core.models import ModelCard, ModelFile, ModelInput, Normalisation, choose_check
from fer_ros.core.models.card import CARD_FILE
from training.base.files import writing
from training.data.normalisation import PIXELS, normalise
from training.errors import TrainingError
from training.exporting.onnx import run_onnx, to_onnx
from training.exporting.parity import check_parity
from training.exporting.rounding import round_to_float16
from training.exporting.tflite import run_tflite, to_tflite

LITERT_FILE, ONNX_FILE, KERAS_FILE = 'model.tflite', 'model.onnx', 'model.keras'
#: The ONNX file of a network with rounded weights. They are stored as float32, which all versions
#: of OpenCV read, and compress well.
PACKED_ONNX_FILE = f'{ONNX_FILE}.gz'

LIMITS = 'The accuracy differs between classes, see metrics.'
LIMITS_OF_EXPRESSION = (
    'The labels name the apparent expression that a picture shows, not what a person feels. '
    + LIMITS
)
#: Allowed differences of probabilities in the check of a card, for each precision.
TOLERANCES = {'float32': 1e-3, 'float16': 1e-3, 'int8': 0.1}


@dataclass(frozen=True)
class Texts:
    """The texts of a card."""

    description: str = ''
    licence: str = 'Apache-2.0'
    data: str = ''
    limits: str = LIMITS_OF_EXPRESSION


def limits_of(task: str) -> str:
    """Return the limits on the card of a model without limits of its own."""
    return LIMITS_OF_EXPRESSION if task == 'expression' else LIMITS


def save_compressed(network: keras.Model, path: Path) -> None:
    """Write a .keras file (a ZIP archive) with compression.

    Rounded kernels then need half the space.
    """
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / path.name
        network.save(plain)
        with (
            zipfile.ZipFile(plain) as source,
            zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        ):
            for name in source.namelist():
                archive.writestr(name, source.read(name))


def check_free(folder: Path) -> None:
    """Raise TrainingError if a folder contains a model."""
    for name in (CARD_FILE, LITERT_FILE, ONNX_FILE, PACKED_ONNX_FILE, KERAS_FILE):
        if (folder / name).exists():
            raise TrainingError(
                f'{folder} already contains a model ({name}): name another folder, or remove it'
            )


def write_model_folder(
    folder: Path,
    network: keras.Model,
    labels: Sequence[str],
    spec: CropSpec,
    texts: Texts,
    task: str = 'expression',
    normalisation: Normalisation = PIXELS,
    precision: str = 'float32',
    samples: NDArray[np.float32] | None = None,
) -> ModelCard:
    """Export a network that ends in logits. If a file differs from Keras, nothing is written.

    Args:
        folder: to write; its name is the name of the model.
        network: with `precision` 'float16', its weights are rounded, so that all files compute the
            same.
        labels: K names in the order of the outputs.
        spec: of its input crops.
        texts: for the card.
        task: what the labels are about.
        normalisation: of the pixels.
        precision: of the TFLite file, one of precision.PRECISIONS.
        samples: (N, H, W, C) normalised input that gives int8 its ranges.

    Returns:
        The card.

    Raises:
        TrainingError: labels and outputs do not match, an operator cannot be exported, or a file
            computes other values than the network.
    """
    if network.output_shape[-1] != len(labels):
        raise TrainingError(
            f'the network has {network.output_shape[-1]} outputs, but {len(labels)} labels are '
            f'given: {", ".join(labels)}'
        )
    if precision == 'float16':
        round_to_float16(network)
    onnx = to_onnx(network)
    tflite = to_tflite(network, precision, samples)
    check_parity(network, spec, normalisation, None if precision == 'int8' else tflite, onnx)
    rounded = precision == 'float16'
    onnx_file, other_file = (
        (PACKED_ONNX_FILE, ONNX_FILE) if rounded else (ONNX_FILE, PACKED_ONNX_FILE)
    )

    def classify(crops: Any) -> NDArray[np.float32]:
        inputs = normalise(np.stack(crops), normalisation.mean, normalisation.scale)
        if precision == 'int8':
            return softmax(run_tflite(tflite, inputs))
        return softmax(run_onnx(onnx, inputs))

    with _replacing(folder) as new:
        (new / LITERT_FILE).write_bytes(tflite)
        (new / onnx_file).write_bytes(gzip.compress(onnx, mtime=0) if rounded else onnx)
        save_compressed(network, new / KERAS_FILE)
        written = ModelCard(
            name=folder.resolve().name,
            task=task,
            labels=tuple(labels),
            input=ModelInput(spec.size, spec.channels, spec.geometry, normalisation),
            files={
                'litert': ModelFile.describe(new / LITERT_FILE, 'NHWC'),
                'onnx': ModelFile.describe(new / onnx_file, 'NCHW'),
            },
            check=choose_check(classify, labels, spec, TOLERANCES[precision]),
            description=texts.description,
            architecture=network.name,
            licence=texts.licence,
            data=texts.data,
            limits=texts.limits,
            parameters=network.count_params(),
        ).write(new)
    # A model that was written with another precision before has the other file.
    (folder / other_file).unlink(missing_ok=True)
    written = replace(written, folder=folder)
    _print(folder, written)
    if precision == 'int8':
        print(
            f'{LITERT_FILE} is int8, {ONNX_FILE} is float32: --runtime litert evaluates '
            f'{LITERT_FILE}'
        )
    return written


@contextmanager
def _replacing(folder: Path) -> Iterator[Path]:
    """Return a folder for new files. They replace those of `folder` after the `with` block.

    After an error or Ctrl-C in the block, a model in `folder` is unchanged.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix='.new-', dir=folder) as part:
            yield Path(part)
            for file in sorted(Path(part).iterdir(), reverse=True):  # the card last
                file.replace(folder / file.name)


def export_untrained(network: keras.Model, folder: Path) -> ModelCard:
    """Write a network without training, to time or test it."""
    size, channels = network.input_shape[1], 'gray' if network.input_shape[-1] == 1 else 'rgb'
    labels = [f'class {index}' for index in range(network.output_shape[-1])]
    return write_model_folder(folder, network, labels, CropSpec(FER2013, size, channels), Texts())


def _print(folder: Path, card: ModelCard) -> None:
    print(f'{folder}: {card.name}, {card.parameters:,d} parameters')
    for key, file in card.files.items():
        size = (folder / file.file).stat().st_size
        print(f'  {key:7s} {file.file:12s} {size / 1024:7.0f} KiB')

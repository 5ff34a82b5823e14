"""Turn a trained run into a model folder: TFLite, ONNX and the model card."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fer_ros.core.classification import softmax
from fer_ros.core.crop import FER2013, CropSpec
from training.base.backend import choose_backend
from training.errors import TrainingError
from training.judging.metrics import expected_calibration_error
from training.learning.parts import data_of_run
from training.learning.record import read_record

if TYPE_CHECKING:
    import keras

    from fer_ros.core.models import ModelCard
    from training.data.dataset import Dataset

PRECISIONS = ('float32', 'float16', 'int8')
#: What a smaller file may cost, in shares: accuracy, and expected calibration error.
ACCURACY_LOSS, ECE_LOSS = 0.005, 0.01
#: Pictures that give int8 its ranges.
REPRESENTATIVE = 256


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument('run', metavar='RUN', type=Path, help='folder of a trained run')
    parser.add_argument(
        '--precision', choices=PRECISIONS, default='float32',
        help='of the TFLite file (ONNX stays float32, float16 halves the Keras file too); what it '
        'costs is measured on the run\'s development data and refused above half a point of '
        'accuracy or a point of ECE',
    )  # fmt: skip
    add_card_arguments(parser)
    parser.add_argument('--data-note', default='', help='the training data, in your own words')


def add_card_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what a card needs that no file says."""
    add = parser.add_argument
    add('--out', type=Path, required=True, help="model folder; its name is the model's name")
    add('--task', default='expression', help='what the labels are about, such as gender')
    add(
        '--geometry', default=FER2013.name,
        help='framing of the training pictures: a name, or name,box_scale,x,y,max_roll',
    )  # fmt: skip
    add('--description', default='', help='one sentence for the card')
    add('--licence', default='Apache-2.0', help='of the weights')
    add('--limits', default='', help='limits and bias, in words')


def run(options: argparse.Namespace) -> None:
    """Convert, check, write the folder."""
    record = read_record(options.run)
    choose_backend('tensorflow')
    from training.exporting.model_folder import (
        LIMITS,
        Texts,
        check_free,
        parse_geometry,
        write_model_folder,
    )
    from training.learning.batches import normalise
    from training.learning.networks import load_network

    check_free(options.out)
    network = load_network(options.run)
    spec = CropSpec(parse_geometry(options.geometry), record['size'], record['channels'])
    samples = None
    if options.precision != 'float32':
        _, parts = data_of_run(options.run)
        chosen = np.random.default_rng(0).permutation(len(parts.training))[:REPRESENTATIVE]
        samples = normalise(parts.training.pictures.load(chosen))
        if parts.development is None:
            raise TrainingError('the run has no development data to measure the loss on')
        check_loss(network, options.precision, samples, parts.development)
    texts = Texts(
        options.description,
        options.licence,
        options.data_note or data_note(record),
        options.limits or LIMITS,
    )
    write_model_folder(
        options.out, network, record['classes'], spec, texts, options.task,
        precision=options.precision, samples=samples,
    )  # fmt: skip


def check_loss(network: keras.Model, precision: str, samples: np.ndarray, data: Dataset) -> None:
    """Measure what a smaller TFLite file costs on `data`; TrainingError when it is too much."""
    from training.exporting.tflite import run_tflite, to_tflite
    from training.learning.batches import normalise

    accuracy, ece = {}, {}
    for kind in ('float32', precision):
        content = to_tflite(network, kind, samples)
        logits = np.concatenate(
            [run_tflite(content, normalise(chunk)) for chunk in data.pictures.chunks()]
        )
        probabilities = softmax(logits)
        accuracy[kind] = float((logits.argmax(axis=1) == data.labels).mean())
        ece[kind] = expected_calibration_error(probabilities, data.labels)
        print(
            f'TFLite {kind}: accuracy {accuracy[kind]:.4f}, ECE {ece[kind]:.4f}, '
            f'{len(content) / 1024:.0f} KiB'
        )
    lost, gained = accuracy['float32'] - accuracy[precision], ece[precision] - ece['float32']
    if lost > ACCURACY_LOSS or gained > ECE_LOSS:
        raise TrainingError(
            f'{precision} costs {100 * lost:.2f} points of accuracy and {100 * gained:.2f} of '
            f'ECE, more than {100 * ACCURACY_LOSS:g} and {100 * ECE_LOSS:g}; nothing is written'
        )


def export_untrained(network: keras.Model, folder: Path) -> ModelCard:
    """Write a network as it is, to time or to test it."""
    from training.exporting.model_folder import Texts, write_model_folder

    size, channels = network.input_shape[1], 'gray' if network.input_shape[-1] == 1 else 'rgb'
    labels = [f'class {index}' for index in range(network.output_shape[-1])]
    return write_model_folder(folder, network, labels, CropSpec(FER2013, size, channels), Texts())


def data_note(record: dict[str, Any]) -> str:
    """Say in words what a run was trained on."""
    data = record['data']
    names = ', '.join(Path(source).name for source in record['arguments']['data'])
    removed = ', '.join(f'{n} {what.replace("_", " ")}' for what, n in data['removed'].items())
    held_out = sum(data['development'].values())
    votes = record['arguments']['votes']
    relabel = record['arguments'].get('relabel', [])
    opinion = ', '.join(Path(model).name for model in relabel)
    return (
        f'{names} (sha256 of its content {data["sha256"]}): '
        f'{sum(data["training"].values())} pictures trained on; {held_out} held out of training '
        f'for choosing the epoch and for calibration; removed from training before: {removed}'
        + (f'; FER+ votes make {votes:g} of each target' if votes else '')
        + (
            f'; the opinion of {opinion} then makes {record["arguments"]["relabel_share"]:g} of it'
            if relabel
            else ''
        )
        + '.'
    )

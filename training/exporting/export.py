"""Export of a trained run as a model folder. Needs TensorFlow."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.crop import CropGeometry, CropSpec
from fer_ros.core.models import ModelCard
from training.data.sample import representative_inputs, take_sample
from training.exporting.model_folder import Texts, check_free, write_model_folder
from training.exporting.precision import check_loss
from training.learning.networks import load_network
from training.learning.record import RunRecord
from training.learning.run import Run

#: Number of training pictures that show the loss of precision if there is no development part.
LOSS_SAMPLE = 2000


def export_run(
    run: Path, out: Path, geometry: CropGeometry, precision: str, texts: Texts, task: str
) -> ModelCard:
    """Write the network of a run as a model folder.

    Args:
        run: folder of the run.
        out: folder to write; it must not contain a model.
        geometry: framing of the training pictures.
        precision: of the TFLite file, one of PRECISIONS.
        texts: for the card. Without `data`, the record describes the training data.
        task: what the labels are about.

    Raises:
        TrainingError: the run does not exist, `out` contains a model, a lower precision loses too
            much, or a file computes other values than the network.
    """
    record = Run(run).read_record()
    check_free(out)
    network = load_network(run)
    samples = None
    if precision != 'float32':
        samples = _check_precision(run, network, precision)
    return write_model_folder(
        out, network, record.classes,
        CropSpec(geometry, record.size, record.channels),
        replace(texts, data=texts.data or data_note(record)), task,
        precision=precision, samples=samples,
    )  # fmt: skip


def _check_precision(run: Path, network: keras.Model, precision: str) -> NDArray[np.float32]:
    """Return samples of the training pictures. Raises TrainingError if the loss is too large."""
    _, parts = Run(run).data()
    samples = representative_inputs(parts.training)
    labelled = parts.development
    if labelled is None:
        print('the run has no development data: the loss is measured on training data')
        labelled = take_sample(parts.training, LOSS_SAMPLE, 1)
    check_loss(network, precision, samples, labelled)
    return samples


def data_note(record: RunRecord) -> str:
    """Return a description of the training data of a run."""
    data, config = record.data, record.config
    names = ', '.join(Path(source).name for source in config.data.sources)
    removed = ', '.join(f'{n} {what.replace("_", " ")}' for what, n in data.removed.items())
    outputs = ' and '.join(f'the output of {model.name}' for model in config.relabel)
    teachers = ' and '.join(model.name for model in config.teacher)
    return (
        f'{names} (sha256 of its content {data.sha256}): '
        f'{sum(data.training.values())} training pictures; {sum(data.development.values())} '
        'held out to choose the epoch and for calibration; '
        f'removed from training: {removed or "none"}'
        + (f'; the share of FER+ votes in each target is {config.votes:g}' if config.votes else '')
        + (f'; the share of {outputs} in it is {config.relabel_share:g}' if outputs else '')
        + (f'; it was distilled from {teachers}' if teachers else '')
        + (f'; it began with the weights of {config.init.name}' if config.init else '')
        + ('; the evaluation pictures were used for training, too' if config.everything else '')
        + '.'
    )

"""Show what in a picture speaks for a class: guided back-propagation and Grad-CAM."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.crop import FER2013, CropGeometry, CropSpec
from fer_ros.core.models import ModelCard
from training.base.backend import choose_backend
from training.data.framing import read_face
from training.data.labels import map_labels
from training.data.normalisation import PIXEL_MEAN, PIXEL_SCALE, normalise
from training.errors import TrainingError
from training.learning.record import read_record


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add('--model', type=Path, help='model folder or run')
    add(
        '--picture', type=Path,
        help='crop of a face, or a photograph: its largest face is cut out',
    )  # fmt: skip
    add('--class', dest='label', default='', help='class to explain; the likeliest when not given')
    add('--out', type=Path, default=Path('explanation.png'), help='picture that is written')
    add('--backend', default='auto', help='tensorflow, torch or jax')
    # Model and picture were positions before they were options.
    add('positions', nargs='*', type=Path, help=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> None:
    """Write the picture beside its two maps."""
    model, picture = _model_and_picture(options)
    choose_backend(options.backend)
    from training.explaining.saliency import grad_cam, guided_backpropagation
    from training.learning.networks import load_network
    from training.reports.plots import explanation_figure

    network = load_network(model)
    labels, mean, scale, geometry = _labels_and_pixels(model)
    size, channels = network.input_shape[1], 'gray' if network.input_shape[-1] == 1 else 'rgb'
    image, told = read_face(picture, CropSpec(geometry, size, channels))
    if told:
        print(told)
    inputs = normalise(image[None], mean, scale)
    logits = np.asarray(network.predict(inputs, verbose=0))[0]
    index = _class_index(options.label, labels, logits)
    maps = {
        'guided back-propagation': guided_backpropagation(network, inputs, index),
        'Grad-CAM': grad_cam(network, inputs, index),
    }
    figure = explanation_figure(image, maps, f'apparent expression: {labels[index]}')
    try:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(options.out, dpi=100)
    except OSError as error:
        raise TrainingError(f'cannot write {options.out} ({error.strerror})') from error
    print(f'{options.out}: what speaks for {labels[index]}')


def _model_and_picture(options: argparse.Namespace) -> tuple[Path, Path]:
    given = [path for path in (options.model, options.picture) if path] + options.positions
    if len(given) != 2 or bool(options.model) != bool(options.picture):
        raise TrainingError('name one model and one picture: --model and --picture')
    return given[0], given[1]


def _labels_and_pixels(model: Path) -> tuple[tuple[str, ...], float, float, CropGeometry]:
    """Return labels, normalisation and framing of a model folder or a run."""
    if (model / 'card.json').exists():
        card = ModelCard.read(model)
        pixels = card.input.normalisation
        return card.labels, pixels.mean, pixels.scale, card.input.geometry
    return tuple(read_record(model)['classes']), PIXEL_MEAN, PIXEL_SCALE, FER2013


def _class_index(label: str, labels: tuple[str, ...], logits: NDArray[np.float32]) -> int:
    if not label:
        return int(logits.argmax())
    index = map_labels([label], labels)[0]
    if index is None:
        raise TrainingError(f'the model has no class {label!r}; it has {", ".join(labels)}')
    return index

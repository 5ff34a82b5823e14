"""Show what in a picture speaks for a class: guided back-propagation and Grad-CAM."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.crop import FER2013, CropGeometry, CropSpec
from fer_ros.core.models import ModelCard
from training.base.backend import choose_backend
from training.data.framing import read_face
from training.data.labels import map_labels
from training.errors import TrainingError
from training.learning.record import read_record
from training.reports.plots import explanation_figure

if TYPE_CHECKING:
    import keras


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add('model', metavar='MODEL', type=Path, help='model folder or run')
    add(
        'picture', metavar='PICTURE', type=Path,
        help='crop of a face, or a photograph: its largest face is cut out',
    )  # fmt: skip
    add('--class', dest='label', default='', help='class to explain; the likeliest when not given')
    add('--out', type=Path, default=Path('explanation.png'), help='picture that is written')
    add('--backend', default='auto', help='tensorflow, torch or jax')


def run(options: argparse.Namespace) -> None:
    """Write the picture beside its two maps."""
    choose_backend(options.backend)
    from training.learning.batches import normalise
    from training.learning.networks import load_network

    network = load_network(options.model)
    labels, mean, scale, geometry = _labels_and_pixels(options.model)
    size, channels = network.input_shape[1], 'gray' if network.input_shape[-1] == 1 else 'rgb'
    image, told = read_face(options.picture, CropSpec(geometry, size, channels))
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


def guided_backpropagation(
    network: keras.Model, inputs: NDArray[np.float32], index: int
) -> NDArray[np.float32]:
    """Return (H, W) in [0, 1]: pixels that raise the logit (Springenberg et al. 2015).

    Gradients flow back through a ReLU only where both they and its input are positive.
    """
    from training.judging.gradients import logit_gradient
    from training.judging.guided_relu import with_guided_relus

    gradient = logit_gradient(with_guided_relus(network), inputs, index)[0]
    return _to_unit(np.abs(gradient).max(axis=-1))


def grad_cam(network: keras.Model, inputs: NDArray[np.float32], index: int) -> NDArray[np.float32]:
    """Return (H, W) in [0, 1]: where features speak for the class (Selvaraju et al. 2017)."""
    import keras

    from training.judging.gradients import logit_gradient
    from training.zoo.blocks import HEAD

    place = max(
        i for i, layer in enumerate(network.layers)
        if len(layer.output.shape) == 4 and not layer.name.startswith(HEAD)
    )  # fmt: skip
    split = network.layers[place].output
    features = np.asarray(keras.Model(network.inputs[0], split).predict(inputs, verbose=0))
    gradient = logit_gradient(keras.Model(split, network.outputs[0]), features, index)
    weights = gradient.mean(axis=(1, 2), keepdims=True)
    heat = np.maximum((weights * features).sum(axis=-1)[0], 0)
    return _to_unit(cv2.resize(heat, inputs.shape[2:0:-1], interpolation=cv2.INTER_CUBIC))


def _to_unit(values: NDArray[np.float32]) -> NDArray[np.float32]:
    positive = np.maximum(values, 0)
    return (positive / max(float(positive.max()), 1e-12)).astype(np.float32)


def _labels_and_pixels(model: Path) -> tuple[tuple[str, ...], float, float, CropGeometry]:
    """Return labels, normalisation and framing of a model folder or a run."""
    from training.learning.batches import PIXEL_MEAN, PIXEL_SCALE

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

"""Saliency maps of a picture for a model folder or a run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.crop import FER2013, CropSpec
from fer_ros.core.models import ModelCard, Normalisation
from fer_ros.core.models.card import CARD_FILE
from training.data.framing import read_face
from training.data.labels import map_labels
from training.data.normalisation import PIXELS, normalise
from training.errors import TrainingError
from training.explaining.saliency import grad_cam, guided_backpropagation
from training.learning.networks import load_network
from training.learning.run import Run


@dataclass(frozen=True)
class Explanation:
    """Saliency maps of a picture.

    Attributes:
        image: (S, S[, 3]) uint8, the crop, gray or RGB.
        crop: A description of how it was cropped; '' if the picture was a crop.
        label: The class that is explained.
        maps: By method, (S, S) in [0, 1].
    """

    image: NDArray[np.uint8]
    crop: str
    label: str
    maps: dict[str, NDArray[np.float32]]


def explain(model: Path, picture: Path, label: str = '') -> Explanation:
    """Explain the output of a model for a picture.

    Args:
        model: Model folder or run.
        picture: Crop of a face, or a photograph, whose largest face is cropped.
        label: Class to explain; '' selects the most probable one.

    Raises:
        TrainingError: The model does not exist, or does not have the class.
        DataError: The picture cannot be read.
    """
    network = load_network(model)
    labels, pixels, spec = _labels_and_pixels(model)
    bgr = spec.channels == 'bgr'
    image, crop = read_face(picture, replace(spec, channels='rgb') if bgr else spec)
    inputs = normalise((image[..., ::-1] if bgr else image)[None], pixels.mean, pixels.scale)
    logits = np.asarray(network.predict(inputs, verbose=0))[0]
    index = _class_index(label, labels, logits)
    maps = {
        'guided back-propagation': guided_backpropagation(network, inputs, index),
        'Grad-CAM': grad_cam(network, inputs, index),
    }
    return Explanation(image, crop, labels[index], maps)


def _labels_and_pixels(model: Path) -> tuple[tuple[str, ...], Normalisation, CropSpec]:
    """Return labels, normalisation and specification of the crops of a model folder or a run."""
    if (model / CARD_FILE).exists():
        card = ModelCard.read(model)
        return card.labels, card.input.normalisation, card.crop_spec
    record = Run(model).read_record()
    return record.classes, PIXELS, CropSpec(FER2013, record.size, record.channels)


def _class_index(label: str, labels: tuple[str, ...], logits: NDArray[np.float32]) -> int:
    if not label:
        return int(logits.argmax())
    index = map_labels([label], labels)[0]
    if index is None:
        raise TrainingError(f'the model has no class {label!r}: choose one of {", ".join(labels)}')
    return index

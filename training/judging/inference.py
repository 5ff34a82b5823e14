"""Run a model folder on a data set exactly as the robot runs it. Needs no training backend."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.classification import Classifier
from fer_ros.core.crop import CropSpec
from training.base.progress import progress
from training.data.dataset import Dataset
from training.data.labels import map_labels
from training.errors import DataError

BATCH = 64


@dataclass(frozen=True)
class Matched:
    """A data set in the terms of a model.

    Attributes:
        data: the N pictures whose class the model knows.
        labels: (N,) indices into its classes.
        kept: (M,) mask of them in the whole set.
        left_out: pictures per class that it lacks.
    """

    data: Dataset
    labels: NDArray[np.int64]
    kept: NDArray[np.bool_]
    left_out: dict[str, int]


def match_classes(data: Dataset, class_names: tuple[str, ...]) -> Matched:
    """Bring a data set's labels to a model's classes; DataError when they share none."""
    if not len(data):
        raise DataError('the data has no pictures')
    indices = map_labels(data.classes, class_names)
    table = np.array([-1 if index is None else index for index in indices])
    labels = table[data.labels]
    known = labels >= 0
    if not known.any():
        raise DataError(
            f'the data has the classes {", ".join(data.classes)}, the model '
            f'{", ".join(class_names)}: they share none'
        )
    left_out = {
        name: count
        for (name, count), index in zip(data.counts().items(), indices, strict=True)
        if index is None and count
    }
    return Matched(data.subset(known), labels[known], known, left_out)


def logits_of(classifier: Classifier, data: Dataset, mirror: bool = False) -> NDArray[np.float32]:
    """Run a model on a data set, one pass, each picture as a crop in the model's own framing.

    Args:
        classifier: the model.
        data: N pictures.
        mirror: judge each picture with left and right exchanged.

    Returns:
        (N, K) logits.

    Raises:
        GeometryError: the pictures cannot be brought to the model's size and channels.
    """
    wanted = classifier.crop_spec
    source = CropSpec(wanted.geometry, data.size, data.channels)
    parts = []
    for start in progress(range(0, len(data), BATCH), classifier.name):
        images = data.pictures.load(slice(start, start + BATCH))
        if mirror:
            images = np.ascontiguousarray(images[:, :, ::-1])
        parts.append(classifier.logits([classifier.prepare(image, source) for image in images]))
    return np.concatenate(parts)

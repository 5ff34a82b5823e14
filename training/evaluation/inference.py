"""Running of a model folder on a data set, exactly as on the robot. Needs no training backend."""

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
    """A data set with the labels of a model.

    Attributes:
        data: The N pictures whose class the model has.
        labels: (N,) indices into its classes.
        kept: (M,) mask of them in the whole set.
        left_out: Number of pictures of each class that it lacks.
    """

    data: Dataset
    labels: NDArray[np.int64]
    kept: NDArray[np.bool_]
    left_out: dict[str, int]


def match_classes(data: Dataset, class_names: tuple[str, ...]) -> Matched:
    """Convert the labels of a data set to the classes of a model.

    Raises DataError if they have no class in common.
    """
    if not len(data):
        raise DataError('the data has no pictures: check --data and --split')
    indices = map_labels(data.classes, class_names)
    table = np.array([-1 if index is None else index for index in indices])
    labels = table[data.labels]
    known = labels >= 0
    if not known.any():
        raise DataError(
            f'the data has the classes {", ".join(data.classes)}, but the '
            f'model has {", ".join(class_names)}: use data with at least one class of the model'
        )
    left_out = {
        name: count
        for (name, count), index in zip(data.counts().items(), indices, strict=True)
        if index is None and count
    }
    return Matched(data.subset(known), labels[known], known, left_out)


def logits_of(classifier: Classifier, data: Dataset, mirror: bool = False) -> NDArray[np.float32]:
    """Run a model on a data set in one pass. Each picture is a crop with the framing of the model.

    Args:
        classifier: The model.
        data: N pictures.
        mirror: Classify the mirror image of each picture.

    Returns:
        (N, K) logits.

    Raises:
        GeometryError: The pictures cannot be converted to the size and channels of the model.
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

"""Scores of the models for the faces of one frame, without earlier frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.classification.classifier import Classifier
from fer_ros.core.crop import GEOMETRIES, CropGeometry, CropSpec
from fer_ros.core.errors import GeometryError
from fer_ros.core.types import FaceSet


@dataclass(frozen=True, slots=True)
class FaceScores:
    """Scores of the models for one face set: a row for each face with a crop, in order.

    Attributes:
        probabilities: (N, K) float32.
        attributes: The same for each further attribute.
    """

    probabilities: NDArray[np.float32]
    attributes: tuple[NDArray[np.float32], ...] = ()


class FaceScorer:
    """Classifies the crops of face sets.

    Args:
        attributes: Models of further attributes.
    """

    def __init__(self, classifier: Classifier, attributes: Sequence[Classifier] = ()) -> None:
        self.classifier = classifier
        self.attributes = tuple(attributes)

    @property
    def models(self) -> tuple[Classifier, ...]:
        """Return all models, the classifier first."""
        return (self.classifier, *self.attributes)

    def score(self, faces: FaceSet) -> FaceScores:
        """Classify.

        Raises:
            GeometryError: The crops do not match a model.
            ModelError: A model fails.
        """
        crops = self._crops(faces)
        return FaceScores(
            _scores(self.classifier, crops),
            tuple(_scores(attribute, crops) for attribute in self.attributes),
        )

    def _crops(self, faces: FaceSet) -> list[tuple[NDArray[np.uint8], CropSpec]]:
        """Return the crops with their specification."""
        images = [face.crop.image for face in faces.faces if face.crop is not None]
        if not images:
            return []
        geometry = self._geometry(faces.crop_geometry)
        return [
            (image, CropSpec(geometry, image.shape[0], faces.crop_channels)) for image in images
        ]

    def _geometry(self, name: str) -> CropGeometry:
        own = self.classifier.crop_spec.geometry
        geometry = own if name == own.name else GEOMETRIES.get(name)
        if geometry is None:
            raise GeometryError(
                f'the crops have geometry {name!r}, but model {self.classifier.name} needs '
                f'{own.name!r}: give face_detector_node the same model'
            )
        return geometry


def _scores(
    classifier: Classifier,
    crops: Sequence[tuple[NDArray[np.uint8], CropSpec]],
) -> NDArray[np.float32]:
    return classifier.classify([classifier.prepare(image, spec) for image, spec in crops])

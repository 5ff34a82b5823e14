"""What decides how results come out."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np

from fer_ros import __version__
from fer_ros.core.classification import Classifier, load_classifier
from fer_ros.core.classification.select import select_runtime
from fer_ros.core.detection.base import DetectorConfig, FaceDetector
from fer_ros.core.detection.search import Search
from fer_ros.core.detection.select import create_detector
from fer_ros.core.errors import FerError
from fer_ros.core.models import DEFAULT_MODEL, ModelStore
from fer_ros.core.scoring import FaceScorer
from fer_ros.core.sources.capture import has_pyav

#: Of the results' layout: another one is never gone on with.
FORMAT = 2

_RUNTIME_PACKAGES = {
    'litert': ('ai-edge-litert', 'tflite-runtime'),
    'onnxruntime': ('onnxruntime',),
    'opencv': (),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Two runs with equal resolved settings give the same results, byte for byte.

    detector, runtime: by name, or 'auto'. search: how much of a frame is looked at. confidence:
        [0, 1], least of a face. model, attributes: by name or folder. pictures: whether annotated
        pictures and videos are written.
    hashes: of the files of model and attributes that run. software: versions of all that
        computes. Both are empty until resolved.
    """

    detector: str = 'auto'
    search: Search = Search.FULL
    confidence: float = DetectorConfig().confidence
    model: str = DEFAULT_MODEL
    runtime: str = 'auto'
    attributes: tuple[str, ...] = ()
    pictures: bool = True
    hashes: tuple[str, ...] = ()
    software: Mapping[str, str] = field(default_factory=dict)

    def resolved(self) -> Settings:
        """Return the settings with what 'auto' means here, hashes and versions.

        Raises FerError where detector or models cannot be had.
        """
        store = ModelStore()
        cards = [store.load_card(name) for name in (self.model, *self.attributes)]
        runtime, _ = select_runtime(self.runtime, cards[0])
        hashes = []
        for card in cards:
            select_runtime(runtime.name, card)
            hashes.append(card.files[runtime.file_format].sha256)
        detector = self.make_detector().name
        return dataclasses.replace(
            self,
            detector=detector,
            runtime=runtime.name,
            hashes=tuple(hashes),
            software=_software(detector, runtime.name),
        )

    def make_detector(self) -> FaceDetector:
        """Return a new detector. Raises FerError."""
        return create_detector(self.detector, self.detector_config(), ModelStore())

    def detector_config(self) -> DetectorConfig:
        """Return how the detector looks for faces."""
        return DetectorConfig(confidence=self.confidence)

    def make_scorer(self) -> FaceScorer:
        """Return newly loaded models. Raises FerError."""
        classifier, *attributes = self._classifiers()
        return FaceScorer(classifier, attributes)

    def differences(self, other: Mapping[str, Any]) -> list[str]:
        """Return in words what is otherwise in settings that as_json() wrote."""
        mine = self.as_json()
        return [
            f'{key} {_text(other.get(key))} instead of {_text(mine[key])}'
            for key in mine
            if mine[key] != other.get(key)
        ]

    def as_json(self) -> dict[str, Any]:
        """Return what json.dumps takes."""
        return {
            'detector': self.detector,
            'search': self.search.value,
            'confidence': self.confidence,
            'model': self.model,
            'runtime': self.runtime,
            'attributes': list(self.attributes),
            'pictures': self.pictures,
            'hashes': list(self.hashes),
            'software': dict(self.software),
        }

    def _classifiers(self) -> list[Classifier]:
        store = ModelStore()
        classifiers = [
            load_classifier(store.load_card(name), self.runtime)
            for name in (self.model, *self.attributes)
        ]
        found = tuple(classifier.model_hash for classifier in classifiers)
        if self.hashes and found != self.hashes:
            raise FerError(
                f'the files of {", ".join((self.model, *self.attributes))} on {platform.node()} '
                'are others than those of this run: install the same models everywhere'
            )
        return classifiers


def _text(value: object) -> str:
    if isinstance(value, dict):
        return '(' + ', '.join(f'{key} {version}' for key, version in value.items()) + ')'
    if isinstance(value, list):
        return '(' + ', '.join(map(str, value)) + ')'
    return str(value)


def _software(detector: str, runtime: str) -> dict[str, str]:
    """Return the versions of all that has a part in the numbers."""
    versions = {'fer_ros': __version__, 'numpy': np.__version__, 'opencv': cv2.__version__}
    packages = list(_RUNTIME_PACKAGES[runtime])
    if has_pyav():
        packages.append('av')
    if detector == 'retinaface':
        packages.append('onnxruntime')
    for package in packages:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions

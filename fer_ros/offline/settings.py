"""The settings that determine the results."""

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
from fer_ros.core.classification.select import select_runtime
from fer_ros.core.detection.base import DetectorConfig, Search
from fer_ros.core.errors import FerError
from fer_ros.core.models import ModelStore
from fer_ros.core.pipeline_builder import PipelineBuilder
from fer_ros.core.pipeline_config import PipelineConfig
from fer_ros.core.scoring import FaceScorer
from fer_ros.core.sources.capture import has_pyav

#: Version of the layout of the results. A run does not continue results of another version.
FORMAT = 6

_RUNTIME_PACKAGES = {
    'litert': ('ai-edge-litert', 'tflite-runtime'),
    'onnxruntime': ('onnxruntime',),
    'opencv': (),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Two runs with equal resolved settings give the same results, byte for byte.

    Attributes:
        pipeline: The results keep only the options that the command has.
        pictures: Whether annotated pictures and videos are written.
        hashes: Hashes of the files of all models; empty until resolved.
        software: Versions of all packages that affect the results; empty until resolved.
    """

    pipeline: PipelineConfig = field(
        default_factory=lambda: PipelineConfig(detector=DetectorConfig(search=Search.FULL))
    )
    pictures: bool = True
    hashes: tuple[str, ...] = ()
    software: Mapping[str, str] = field(default_factory=dict)

    def resolved(self) -> Settings:
        """Return the settings with 'auto' resolved, and with hashes and versions.

        Raises:
            FerError: The detector or a model is not available.
        """
        store = ModelStore()
        cards = [store.load_card(name) for name in self._model_names]
        runtime, _ = select_runtime(self.pipeline.classifier.runtime, cards[0])
        hashes = []
        for card in cards:
            select_runtime(runtime.name, card)
            hashes.append(card.files[runtime.file_format].sha256)
        detector = self.builder().detector().name
        replace = dataclasses.replace
        return replace(
            self,
            pipeline=replace(
                self.pipeline,
                detector=replace(self.pipeline.detector, detector=detector),
                classifier=replace(self.pipeline.classifier, runtime=runtime.name),
            ),
            hashes=tuple(hashes),
            software=_software(detector, runtime.name),
        )

    def builder(self) -> PipelineBuilder:
        """Return the builder of the pipeline."""
        return PipelineBuilder(self.pipeline)

    def scorer(self) -> FaceScorer:
        """Return newly loaded models.

        Raises:
            FerError: They differ from the resolved ones.
        """
        scorer = self.builder().scorer()
        found = tuple(model.model_hash for model in scorer.models)
        if self.hashes and found != self.hashes:
            raise FerError(
                f'the files of {", ".join(self._model_names)} on {platform.node()} differ '
                'from those of this run: install the same models on all machines'
            )
        return scorer

    def differences(self, other: Mapping[str, Any]) -> list[str]:
        """Return the differences from settings that as_json() wrote, in words."""
        mine = self.as_json()
        return [
            f'{key} {_text(other.get(key))} instead of {_text(mine[key])}'
            for key in mine
            if mine[key] != other.get(key)
        ]

    def as_json(self) -> dict[str, Any]:
        """Return the settings as values for json.dumps."""
        detector, classifier = self.pipeline.detector, self.pipeline.classifier
        return {
            'detector': detector.detector,
            'search': detector.search.value,
            'confidence': detector.confidence,
            'model': classifier.model,
            'runtime': classifier.runtime,
            'attributes': list(self.pipeline.attribute_models),
            'pictures': self.pictures,
            'hashes': list(self.hashes),
            'software': dict(self.software),
        }

    @property
    def _model_names(self) -> tuple[str, ...]:
        return (self.pipeline.classifier.model, *self.pipeline.attribute_models)


def _text(value: object) -> str:
    if isinstance(value, dict):
        return '(' + ', '.join(f'{key} {version}' for key, version in value.items()) + ')'
    if isinstance(value, list):
        return '(' + ', '.join(map(str, value)) + ')'
    return str(value)


def _software(detector: str, runtime: str) -> dict[str, str]:
    """Return the versions of all packages that affect the results."""
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

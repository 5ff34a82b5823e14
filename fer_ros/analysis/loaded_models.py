"""Detectors and models, which are loaded once and kept for further calls."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from fer_ros.core.classification import ClassifierConfig
from fer_ros.core.detection.base import DetectorConfig, FaceDetector
from fer_ros.core.errors import DetectorError, ModelError
from fer_ros.core.pipeline_builder import PipelineBuilder
from fer_ros.core.pipeline_config import PipelineConfig
from fer_ros.core.scoring import FaceScorer

#: Number of sets of detector and models that are kept.
KEPT = 4


@dataclass(frozen=True)
class LoadedModels:
    """A loaded detector and loaded models. Only one thread at a time can use them."""

    builder: PipelineBuilder
    detector: FaceDetector
    scorer: FaceScorer
    lock: threading.Lock = field(default_factory=threading.Lock)


def load_models(
    model: str | Path, detector: str, runtime: str, attributes: str | Sequence[str]
) -> LoadedModels:
    """Return the detector and the models that the arguments of `analyze` and `track` name.

    Raises:
        DetectorError: The detector is unknown or not available.
        ModelError: The model or the runtime does not exist, or the files of the model do not match
            its card.
    """
    try:
        detection = DetectorConfig(detector=detector)
    except ValueError as error:
        raise DetectorError(str(error)) from error
    try:
        classification = ClassifierConfig(model=str(model), runtime=runtime)
    except ValueError as error:
        raise ModelError(str(error)) from error
    # A text is a sequence of texts, too.
    names = (attributes,) if isinstance(attributes, str) else tuple(attributes)
    return _load(PipelineConfig(detection, classifier=classification, attribute_models=names))


@lru_cache(KEPT)
def _load(config: PipelineConfig) -> LoadedModels:
    builder = PipelineBuilder(config)
    return LoadedModels(builder, builder.detector(), builder.scorer())

"""The pipeline for measurements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, cycle

import numpy as np
from numpy.typing import NDArray

from benchmark.scenes import HEIGHT, RATE, WIDTH
from fer_ros.core.classification import ClassifierConfig
from fer_ros.core.detection.base import DetectorConfig, FaceDetector, Search
from fer_ros.core.pipeline import EmotionResult
from fer_ros.core.pipeline_builder import PipelineBuilder
from fer_ros.core.pipeline_config import PipelineConfig
from fer_ros.core.position import CameraModel
from fer_ros.core.types import S_TO_NS, Frame

FRAME_NS = round(S_TO_NS / RATE)


def looped(images: Sequence[NDArray[np.uint8]]) -> Iterator[Frame]:
    """Yield pictures, bgr8, in an endless loop as from a camera, with increasing stamps."""
    for number, image in enumerate(cycle(images)):
        yield Frame(image, 'bgr8', number * FRAME_NS)


def make_detector(
    name: str = 'auto', search: Search = Search.FAST, threads: int = 1
) -> FaceDetector:
    """Return a detector as in face_detector_node. Raises FerError if it is not available."""
    config = DetectorConfig(detector=name, search=search, threads=threads)
    return PipelineBuilder(PipelineConfig(detector=config)).sequence_detector()


@dataclass
class Pipeline:
    """The pipeline from frames to labelled faces, as in the nodes, in one thread.

    Attributes:
        stamps: Stamps of the next frames, in nanoseconds, as from a camera at RATE.
    """

    model: str
    search: Search = Search.FAST
    runtime: str = 'auto'
    stamps: count[int] = field(default_factory=lambda: count(0, FRAME_NS))

    def __post_init__(self) -> None:
        config = PipelineConfig(
            detector=DetectorConfig(search=self.search),
            classifier=ClassifierConfig(self.model, self.runtime),
        )
        pipeline = PipelineBuilder(config).pipeline()
        self.faces, self.emotions = pipeline.faces, pipeline.emotions
        self.camera = CameraModel.from_fov(WIDTH, HEIGHT, 60.0)

    def frame(self, image: NDArray[np.uint8]) -> Frame:
        """Return the next frame of the camera."""
        return Frame(image, 'bgr8', next(self.stamps))

    def process(self, image: NDArray[np.uint8]) -> EmotionResult:
        """Return the labelled faces of the next picture."""
        return self.emotions.process(self.faces.process(self.frame(image), self.camera))

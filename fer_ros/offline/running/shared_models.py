"""Detectors and models for several threads. Each object is used by one thread at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from fer_ros.core.detection.base import FaceDetector, Search
from fer_ros.core.opencv_threads import set_opencv_threads
from fer_ros.core.pipeline import EmotionStage, FaceStage
from fer_ros.core.scoring import FaceScorer, FaceScores
from fer_ros.core.types import Detection, FaceSet, Frame
from fer_ros.offline.settings import Settings

Lent = TypeVar('Lent')


class Pool(Generic[Lent]):
    """A pool of objects that only one thread at a time can use.

    It creates an object if none is free.
    """

    def __init__(self, make: Callable[[], Lent]) -> None:
        self._make = make
        self._free: list[Lent] = []
        self._lock = threading.Lock()

    @contextmanager
    def lend(self) -> Iterator[Lent]:
        """Yield an object for the duration of the `with` block."""
        with self._lock:
            # The last used one: its memory is still in the cache, and few objects are created.
            lent = self._free.pop() if self._free else self._make()
        try:
            yield lent
        finally:
            with self._lock:
                self._free.append(lent)


class SharedDetector(FaceDetector):
    """A face detector for any number of threads."""

    def __init__(self, make: Callable[[], FaceDetector]) -> None:
        self._pool: Pool[FaceDetector] = Pool(make)
        with self._pool.lend() as detector:
            self.name = detector.name
            self.selection_reason = detector.selection_reason
            self.graded_confidence = detector.graded_confidence
            self.has_landmarks = detector.has_landmarks
            self.config = detector.config

    def detect(
        self, frame: Frame, scale: float = 1.0, confidence: float | None = None
    ) -> list[Detection]:
        """Return the faces of a frame, most certain first."""
        with self._pool.lend() as detector:
            return detector.detect(frame, scale, confidence)


class SharedModels:
    """Detects and classifies faces with some settings, on any number of threads.

    Raises:
        FerError: The detector or a model is not available.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        # This package distributes the threads, not OpenCV.
        set_opencv_threads(1)
        self._builder = settings.builder()
        self._detector = SharedDetector(self._builder.detector)
        self._scorers: Pool[FaceScorer] = Pool(settings.scorer)
        with self._scorers.lend():
            pass  # Report missing models now, and not at the first face.

    @property
    def in_order(self) -> bool:
        """Return whether the frames of a sequence are searched one after the other."""
        return self.settings.pipeline.detector.search is not Search.FULL

    def face_stage(self, id_prefix: str) -> FaceStage:
        """Return the stage that detects the faces of one sequence. Its detector is shared."""
        return self._builder.face_stage(id_prefix=id_prefix, detector=self._detector)

    def emotion_stage(self) -> EmotionStage:
        """Return the stage that smooths the scores of one sequence, from score()."""
        with self._scorers.lend() as scorer:
            return self._builder.emotion_stage(scorer=scorer)

    def score(self, faces: FaceSet) -> FaceScores:
        """Return the scores of the crops of faces.

        Raises:
            FerError: A model fails.
        """
        with self._scorers.lend() as scorer:
            return scorer.score(faces)

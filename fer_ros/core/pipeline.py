"""The way of a frame: detect, track, cut crops; then classify, smooth, tell events.

The two stages may run in one process or on two hosts; what passes between them is a FaceSet.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TypeAlias

from fer_ros.core.affect import AffectEstimator
from fer_ros.core.attributes import AttributeEstimator
from fer_ros.core.classification.classifier import Classifier
from fer_ros.core.crop import CropSpec, cut_crop
from fer_ros.core.detection.base import DetectorConfig, FaceDetector
from fer_ros.core.events import EventConfig, EventDetector
from fer_ros.core.order import StampOrder
from fer_ros.core.position import CameraModel, estimate_position
from fer_ros.core.scoring import FaceScorer, FaceScores
from fer_ros.core.smoothing import ExpressionSmoother, Smoothed, SmoothingConfig
from fer_ros.core.tracking import FaceTracker, TrackerConfig
from fer_ros.core.types import (
    Detection,
    EmotionSet,
    ExpressionEvent,
    Face,
    FaceEmotion,
    FaceSet,
    Frame,
)

#: Times a step of a stage, which it gets by name: 'detection' or 'classification'.
Timer: TypeAlias = Callable[[str], AbstractContextManager[None]]

_logger = logging.getLogger(__name__)


def untimed(step: str) -> AbstractContextManager[None]:
    """Time nothing."""
    return nullcontext()


class FaceStage:
    """Frames to faces: detect, track, place in space, cut crops.

    crop_spec: how to cut crops; None cuts none.
    id_prefix: what the ids of faces begin with; None draws one at random.
    timed: times the detection.
    """

    def __init__(
        self,
        detector: FaceDetector,
        crop_spec: CropSpec | None = None,
        tracker_config: TrackerConfig | None = None,
        id_prefix: str | None = None,
        timed: Timer = untimed,
    ) -> None:
        self.detector = detector
        self.crop_spec = crop_spec
        self._tracker = FaceTracker(tracker_config, id_prefix)
        self._timed = timed
        self._order = StampOrder()
        self._frame_id = ''
        self._next_config: tuple[DetectorConfig, TrackerConfig] | None = None

    def set_config(self, detector: DetectorConfig, tracker: TrackerConfig) -> None:
        """Work by another configuration from the next frame on; the ids of faces go on.

        May be called on another thread than process(). The detector stays the same, whatever its
        configuration names.
        """
        self._next_config = detector, tracker

    def process(
        self,
        frame: Frame,
        camera: CameraModel | None = None,
        cut_crops: bool = True,
    ) -> FaceSet:
        """Return the faces of a frame.

        camera: for positions, of any resolution of the same view; None leaves them out.
        cut_crops: False saves the work where nobody wants them.
        Raises EncodingError for a frame that contradicts itself, LateError for one that came after
        a newer one and is left out, DetectorError where the detector cannot be run as set_config()
        said.
        """
        self._take_config()
        with self._timed('detection'):
            detections = self.detector.detect(frame)
        return self.track(frame, detections, camera, cut_crops)

    def track(
        self,
        frame: Frame,
        detections: Sequence[Detection],
        camera: CameraModel | None = None,
        cut_crops: bool = True,
    ) -> FaceSet:
        """Return what process() does, for faces that were detected already."""
        seconds_back = self._order.step_back(frame.stamp)
        if seconds_back:
            _logger.warning(
                'time jumped back by %.3f s: all faces get new identities', seconds_back
            )
        if seconds_back or frame.frame_id != self._frame_id:
            # Another frame_id is another view, such as the next picture of a folder.
            self._tracker.reset()
        self._frame_id = frame.frame_id
        if camera is not None:
            camera = camera.scaled_to(frame.width, frame.height)
        spec = self.crop_spec if cut_crops else None
        faces = []
        for track in self._tracker.update(detections, frame.stamp):
            detection = track.detection
            faces.append(
                Face(
                    track.face_id,
                    detection.box,
                    detection.confidence,
                    detection.landmarks,
                    None if camera is None else estimate_position(detection.box, camera),
                    None if spec is None else cut_crop(frame, detection, spec),
                )
            )
        return FaceSet(
            frame.stamp,
            frame.frame_id,
            frame.width,
            frame.height,
            tuple(faces),
            '' if spec is None else spec.geometry.name,
            '' if spec is None else spec.channels,
        )

    def _take_config(self) -> None:
        config, self._next_config = self._next_config, None
        if config is None:
            return
        detector, self._tracker.config = config
        if detector != self.detector.config:
            self.detector.set_config(detector)


@dataclass(frozen=True, slots=True)
class EmotionResult:
    """What came of one face set.

    unclassified: faces without a crop, which got no expression.
    """

    emotions: EmotionSet
    events: list[ExpressionEvent]
    unclassified: int = 0


class EmotionStage:
    """Faces to apparent expressions and events: classify, smooth, tell what changed.

    attributes: models of further attributes, whose scores go with each expression.
    timed: times the classification.
    """

    def __init__(
        self,
        classifier: Classifier,
        smoothing: SmoothingConfig | None = None,
        events: EventConfig | None = None,
        attributes: Sequence[Classifier] = (),
        timed: Timer = untimed,
    ) -> None:
        self.classifier = classifier
        self._timed = timed
        self.scorer = FaceScorer(classifier, attributes)
        self._attributes = [
            AttributeEstimator(attribute.task, attribute.class_names) for attribute in attributes
        ]
        self._affect = AffectEstimator(classifier.class_names)
        self._smoother = ExpressionSmoother(smoothing or SmoothingConfig(), classifier.class_names)
        self._events = EventDetector(events or EventConfig())
        self._order = StampOrder()
        self._frame_id = ''

    @property
    def attribute_names(self) -> list[str]:
        """Names of the further attributes, in the order of the models."""
        return [name for attribute in self._attributes for name in attribute.names]

    def set_config(self, smoothing: SmoothingConfig, events: EventConfig) -> None:
        """Smooth and tell events by another configuration from the next frame on."""
        self._smoother.config = smoothing
        self._events.config = events

    def process(self, faces: FaceSet) -> EmotionResult:
        """Return the expressions and events of a face set.

        Raises GeometryError when its crops do not fit the model, ModelError when the model fails,
        LateError when it came after a newer one and is left out.
        """
        with self._timed('classification'):
            scores = self.scorer.score(faces)
        return self.smooth(faces, scores)

    def smooth(self, faces: FaceSet, scores: FaceScores) -> EmotionResult:
        """Return what process() does, for faces that were classified already."""
        seconds_back = self._order.step_back(faces.stamp)
        if seconds_back:
            _logger.warning('time jumped back by %.3f s: all faces leave', seconds_back)
            self._reset()
        left = self._change_view(faces)
        with_crop = [face for face in faces.faces if face.crop is not None]
        attributes = self._attribute_scores(with_crop, scores, faces.stamp)
        expressions = []
        for face, row, further in zip(with_crop, scores.probabilities, attributes, strict=True):
            smoothed = self._smoother.update(face.face_id, row, faces.stamp)
            expressions.append(self._expression(face, smoothed, further))
        emotions = EmotionSet(
            faces.stamp,
            faces.frame_id,
            faces.image_width,
            faces.image_height,
            self.classifier.class_names,
            self.classifier.name,
            self.classifier.model_hash,
            tuple(expressions),
        )
        return EmotionResult(
            emotions, [*left, *self._tell(emotions)], len(faces.faces) - len(with_crop)
        )

    def expire(self, now: int) -> list[ExpressionEvent]:
        """Return the events of faces that left by `now`, nanoseconds, though no frame came."""
        events = self._events.expire(now)
        self._forget_absent()
        return events

    def close(self, now: int) -> list[ExpressionEvent]:
        """Return LEFT for every face that appeared: nobody will look any more."""
        self._reset()
        self._order.reset()
        return self._events.reset(now)

    def _change_view(self, faces: FaceSet) -> list[ExpressionEvent]:
        """Let all faces leave where another view comes, such as the next picture of a folder."""
        if faces.frame_id == self._frame_id:
            return []
        self._frame_id = faces.frame_id
        self._reset()
        return self._events.reset(faces.stamp)

    def _reset(self) -> None:
        self._smoother.reset()
        for attribute in self._attributes:
            attribute.reset()

    def _attribute_scores(
        self,
        with_crop: list[Face],
        scores: FaceScores,
        stamp: int,
    ) -> list[dict[str, float]]:
        """Return the scores of all attributes for each face, smoothed."""
        face_ids = [face.face_id for face in with_crop]
        smoothed: list[dict[str, float]] = [{} for _ in with_crop]
        for attribute, rows in zip(self._attributes, scores.attributes, strict=True):
            found = attribute.smooth(face_ids, rows, stamp)
            for of_face, new in zip(smoothed, found, strict=True):
                of_face.update(new)
        return smoothed

    def _expression(
        self,
        face: Face,
        smoothed: Smoothed,
        attributes: Mapping[str, float],
    ) -> FaceEmotion:
        valence, arousal = self._affect.estimate(smoothed.probabilities)
        return FaceEmotion(
            face.face_id,
            face.box,
            smoothed.label,
            smoothed.confidence,
            smoothed.raw_label,
            smoothed.raw_confidence,
            smoothed.probabilities,
            valence,
            arousal,
            face.position,
            attributes,
            smoothed.uncertain,
            smoothed.appeared,
        )

    def _tell(self, emotions: EmotionSet) -> list[ExpressionEvent]:
        events = self._events.update(emotions)
        self._forget_absent()
        return events

    def _forget_absent(self) -> None:
        for face_id in self._smoother.face_ids - self._events.face_ids:
            self._smoother.forget(face_id)
        for attribute in self._attributes:
            attribute.keep_only(self._events.face_ids)


class Pipeline:
    """Both stages on one thread: frames to expressions and events.

    faces, emotions: the two stages.
    """

    def __init__(self, faces: FaceStage, emotions: EmotionStage) -> None:
        self.faces = faces
        self.emotions = emotions

    def process(self, frame: Frame, camera: CameraModel | None = None) -> EmotionResult:
        """Return the expressions and events of a frame.

        camera: for positions of faces; None leaves them out.
        Raises what the two stages raise.
        """
        return self.emotions.process(self.faces.process(frame, camera))

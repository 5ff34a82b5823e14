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
from fer_ros.core.attention.attention import CAMERA, AttentionConfig, AttentionDetector
from fer_ros.core.attention.facing import Point
from fer_ros.core.attributes import AttributeEstimator
from fer_ros.core.classification.classifier import Classifier
from fer_ros.core.crop import CropSpec, cut_crop
from fer_ros.core.detection.base import DetectorConfig, FaceDetector
from fer_ros.core.events import EventConfig, EventDetector
from fer_ros.core.pose.estimate import measure_pose
from fer_ros.core.pose.follow import HeadPoses
from fer_ros.core.position import CameraModel, estimate_position
from fer_ros.core.scoring import FaceScorer, FaceScores
from fer_ros.core.smoothing import ExpressionSmoother, Smoothed, SmoothingConfig
from fer_ros.core.stamp_order import StampOrder
from fer_ros.core.tracking import FaceTracker, TrackerConfig
from fer_ros.core.types import (
    AttentionEvent,
    Detection,
    EmotionSet,
    ExpressionEvent,
    Face,
    FaceEmotion,
    FaceSet,
    Frame,
    HeadPose,
    Position,
    Track,
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
    head_poses: whether to estimate head poses, of faces with landmarks and a camera.
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
        head_poses: bool = True,
    ) -> None:
        self.detector = detector
        self.crop_spec = crop_spec
        self.head_poses = head_poses
        self._poses = HeadPoses()
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

        camera: for positions and head poses, of any resolution of the same view; None leaves them
            out.
        cut_crops: False saves the work of crops and head poses where nobody wants them.
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
            self._poses.reset()
        self._frame_id = frame.frame_id
        if camera is not None:
            camera = camera.scaled_to(frame.width, frame.height)
        spec = self.crop_spec if cut_crops else None
        faces = []
        for track in self._tracker.update(detections, frame.stamp):
            detection = track.detection
            position = None if camera is None else estimate_position(detection.box, camera)
            wants_pose = self.head_poses and cut_crops
            faces.append(
                Face(
                    track.face_id,
                    detection.box,
                    detection.confidence,
                    detection.landmarks,
                    position,
                    None if spec is None else cut_crop(frame, detection, spec),
                    self._head_pose(track, position, camera, frame.stamp) if wants_pose else None,
                )
            )
        self._poses.forget_unseen(frame.stamp)
        return FaceSet(
            frame.stamp,
            frame.frame_id,
            frame.width,
            frame.height,
            tuple(faces),
            '' if spec is None else spec.geometry.name,
            '' if spec is None else spec.channels,
        )

    def _head_pose(
        self, track: Track, position: Position | None, camera: CameraModel | None, stamp: int
    ) -> HeadPose | None:
        landmarks = track.detection.landmarks
        if landmarks is None or position is None or camera is None:
            return None
        measured = measure_pose(landmarks, camera)
        if measured is None:
            return None
        return self._poses.update(track.face_id, measured, position, stamp)

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
    seconds_back: by which time went back before these faces; then all earlier faces left.
    """

    emotions: EmotionSet
    events: list[ExpressionEvent]
    unclassified: int = 0
    seconds_back: float = 0.0


class EmotionStage:
    """Faces to apparent expressions and events: classify, smooth, report changes.

    attributes: models of further attributes, whose scores go with each expression.
    timed: times the classification.
    attention: what counts as looking at the robot.
    regard: the point of regard in the camera's optical frame, metres, of the next frame; None
        where it is not known.
    attention_events: of the last call of process, settle, expire or close.
    """

    def __init__(
        self,
        classifier: Classifier,
        smoothing: SmoothingConfig | None = None,
        events: EventConfig | None = None,
        attributes: Sequence[Classifier] = (),
        timed: Timer = untimed,
        attention: AttentionConfig | None = None,
    ) -> None:
        self.regard: Point | None = CAMERA
        self.attention_events: list[AttentionEvent] = []
        self._attention = AttentionDetector(attention)
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

    def set_config(
        self,
        smoothing: SmoothingConfig,
        events: EventConfig,
        attention: AttentionConfig | None = None,
    ) -> None:
        """Smooth and tell events by another configuration from the next frame on."""
        self._smoother.config = smoothing
        self._events.config = events
        self._attention.config = attention or AttentionConfig()

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
        self.attention_events = []
        seconds_back = self._order.step_back(faces.stamp)
        if seconds_back:
            _logger.warning('time jumped back by %.3f s: all faces leave', seconds_back)
        left = self._change_view(faces, seconds_back > 0)
        with_crop = [face for face in faces.faces if face.crop is not None]
        attributes = self._attribute_scores(with_crop, scores, faces.stamp)
        expressions = []
        for face, row, further in zip(with_crop, scores.probabilities, attributes, strict=True):
            smoothed = self._smoother.update(face.face_id, row, faces.stamp)
            expressions.append(self._expression(face, smoothed, further))
        expressions, turns = self._attention.update(
            expressions,
            faces.stamp,
            faces.frame_id,
            self.regard,
            (faces.image_width, faces.image_height),
        )
        self.attention_events += turns
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
            emotions,
            [*left, *self._tell(emotions)],
            len(faces.faces) - len(with_crop),
            seconds_back,
        )

    def expire(self, elapsed: int) -> list[ExpressionEvent]:
        """Return the events of faces that left though no frame came.

        elapsed: nanoseconds since the newest frame came. Its stamp may be of another clock.
        """
        self.attention_events = []
        if self._order.newest is None:
            return []
        now = self._order.newest + elapsed
        events = self._events.expire(now)
        self._forget_absent(now)
        return events

    def close(self, elapsed: int = 0) -> list[ExpressionEvent]:
        """Return LEFT for every face that appeared: nobody will look any more.

        elapsed: nanoseconds since the newest frame came.
        """
        self.attention_events = []
        if self._order.newest is None:
            return []
        now = self._order.newest + elapsed
        self._reset(now)
        events = self._events.reset(now)
        self._order.reset()
        return events

    def _change_view(self, faces: FaceSet, time_went_back: bool) -> list[ExpressionEvent]:
        """Let all faces leave where time goes back or another view comes.

        That is so with the next picture of a folder.
        """
        if faces.frame_id == self._frame_id and not time_went_back:
            return []
        self._frame_id = faces.frame_id
        self._reset(faces.stamp)
        return self._events.reset(faces.stamp)

    def _reset(self, stamp: int) -> None:
        self.attention_events += self._attention.leave(self._attention.face_ids, stamp)
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
            face.head_pose,
        )

    def _tell(self, emotions: EmotionSet) -> list[ExpressionEvent]:
        events = self._events.update(emotions)
        self._forget_absent(emotions.stamp)
        return events

    def _forget_absent(self, stamp: int) -> None:
        gone = self._attention.face_ids - self._events.face_ids
        self.attention_events += self._attention.leave(gone, stamp)
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

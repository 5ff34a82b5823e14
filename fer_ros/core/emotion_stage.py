"""Computes apparent expressions and events from faces."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from fer_ros.core.affect import AffectEstimator
from fer_ros.core.attention.attention import CAMERA, AttentionConfig, AttentionDetector
from fer_ros.core.attention.facing import Point
from fer_ros.core.attributes import AttributeEstimator
from fer_ros.core.classification.classifier import Classifier
from fer_ros.core.events import EventConfig, EventDetector
from fer_ros.core.handover import Handover
from fer_ros.core.scoring import FaceScorer, FaceScores
from fer_ros.core.smoothing import ExpressionSmoother, Smoothed, SmoothingConfig
from fer_ros.core.stamp_order import StampOrder
from fer_ros.core.timing import Timer, untimed
from fer_ros.core.types import (
    AttentionEvent,
    EmotionSet,
    ExpressionEvent,
    Face,
    FaceEmotion,
    FaceSet,
)

_logger = logging.getLogger(__name__)

#: Events of faces that left: LEFT of those that appeared, LOOKS_AWAY of those that looked.
Leaving: TypeAlias = tuple[list[ExpressionEvent], list[AttentionEvent]]


@dataclass(frozen=True, slots=True)
class EmotionResult:
    """The result of one face set.

    Attributes:
        emotions: The apparent expressions.
        events: In the order of their faces.
        unclassified: Number of faces without a crop, which have no expression.
        seconds_back: Seconds by which the stamps went back before these faces. If it is not 0,
            all earlier faces have left.
        attention_events: Events of heads that turned to the point of regard, or away.
    """

    emotions: EmotionSet
    events: list[ExpressionEvent]
    unclassified: int = 0
    seconds_back: float = 0.0
    attention_events: list[AttentionEvent] = field(default_factory=list)


class EmotionStage:
    """Computes apparent expressions and events from faces: classifies, smooths, reports changes.

    Args:
        classifier: Classifier of the expressions.
        smoothing: How probabilities are smoothed.
        events: When a face counts as gone.
        attributes: Models of further attributes. Their scores are part of each expression.
        timed: Measures the time of the classification.
        attention: When a head counts as turned to the point of regard.

    Attributes:
        regard: The point of regard for the next frame, in the camera's optical frame, metres.
            None if it is not known.
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
        self._attention = AttentionDetector(attention)
        self.classifier = classifier
        self._timed = timed
        self.scorer = FaceScorer(classifier, attributes)
        self._attributes = [AttributeEstimator(one.score_names) for one in attributes]
        self._affect = AffectEstimator(classifier.class_names)
        self._smoother = ExpressionSmoother(smoothing or SmoothingConfig(), classifier.class_names)
        self._events = EventDetector(events or EventConfig())
        self._order = StampOrder()
        self._frame_id = ''
        self._next_config: Handover[tuple[SmoothingConfig, EventConfig, AttentionConfig]] = (
            Handover()
        )

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
        """Apply another configuration of smoothing and events from the next call on.

        May be called on another thread than the other methods.
        """
        self._next_config.put((smoothing, events, attention or AttentionConfig()))

    def process(self, faces: FaceSet) -> EmotionResult:
        """Return the expressions and events of a face set.

        Raises:
            GeometryError: The crops do not match the model.
            ModelError: The model fails.
            LateError: The face set is older than an earlier one and is omitted.
        """
        self._order.check(faces.stamp)
        with self._timed('classification'):
            scores = self.scorer.score(faces)
        return self.smooth(faces, scores)

    def smooth(self, faces: FaceSet, scores: FaceScores) -> EmotionResult:
        """Return what process() does, for faces that were classified already."""
        self._take_config()
        seconds_back = self._order.step_back(faces.stamp)
        if seconds_back:
            _logger.warning('time jumped back by %.3f s: all faces leave', seconds_back)
        left, away = self._change_view(faces, seconds_back > 0)
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
        events = [*left, *self._events.update(emotions)]
        return EmotionResult(
            emotions,
            events,
            len(faces.faces) - len(with_crop),
            seconds_back,
            [*away, *turns, *self._forget_absent(faces.stamp)],
        )

    def expire(self, elapsed: int) -> Leaving:
        """Return the events of faces that left while no frame arrived.

        Args:
            elapsed: Nanoseconds since the newest frame arrived. Its stamp may be of another clock.
        """
        self._take_config()
        if self._order.newest is None:
            return [], []
        now = self._order.newest + elapsed
        return self._events.expire(now), self._forget_absent(now)

    def close(self, elapsed: int = 0) -> Leaving:
        """End the work. Every face leaves.

        Args:
            elapsed: Nanoseconds since the newest frame arrived.
        """
        if self._order.newest is None:
            return [], []
        now = self._order.newest + elapsed
        self._order.reset()
        return self._let_all_leave(now)

    def _take_config(self) -> None:
        config = self._next_config.take()
        if config is not None:
            self._smoother.config, self._events.config, self._attention.config = config

    def _change_view(self, faces: FaceSet, time_went_back: bool) -> Leaving:
        """Let all faces leave if time goes back or the view changes.

        The next picture of a folder is another view.
        """
        if faces.frame_id == self._frame_id and not time_went_back:
            return [], []
        self._frame_id = faces.frame_id
        return self._let_all_leave(faces.stamp)

    def _let_all_leave(self, stamp: int) -> Leaving:
        self._smoother.reset()
        for attribute in self._attributes:
            attribute.reset()
        turns = self._attention.leave(self._attention.face_ids, stamp)
        return self._events.reset(stamp), turns

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
            face_id=face.face_id,
            box=face.box,
            label=smoothed.label,
            confidence=smoothed.confidence,
            raw_label=smoothed.raw_label,
            raw_confidence=smoothed.raw_confidence,
            probabilities=smoothed.probabilities,
            valence=valence,
            arousal=arousal,
            position=face.position,
            attributes=attributes,
            uncertain=smoothed.uncertain,
            appeared=smoothed.appeared,
            head_pose=face.head_pose,
        )

    def _forget_absent(self, stamp: int) -> list[AttentionEvent]:
        """Forget the faces that left, and return their events of attention."""
        for face_id in self._smoother.face_ids - self._events.face_ids:
            self._smoother.forget(face_id)
        for attribute in self._attributes:
            attribute.keep_only(self._events.face_ids)
        return self._attention.leave(self._attention.face_ids - self._events.face_ids, stamp)

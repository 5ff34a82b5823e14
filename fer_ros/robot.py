"""Faces and events for robot programs, without subscriptions of your own.

from fer_ros.robot import Faces

faces = Faces()

@faces.on_changed
def react(event):
    print(f'{event.face_id} now looks {event.label}')

faces.spin()
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import rclpy
from rclpy.node import Node
from rclpy.subscription import Subscription

from fer_msgs import msg as fer_msgs
from fer_ros.core.errors import MessageError
from fer_ros.core.types import (
    AttentionEvent,
    AttentionType,
    Box,
    EmotionSet,
    Event,
    EventType,
    ExpressionEvent,
    HeadPose,
    Position,
)
from fer_ros.ros import messages
from fer_ros.ros.base.faults import LOG_PERIOD
from fer_ros.ros.base.qos import qos_profile
from fer_ros.ros.base.spin import spin
from fer_ros.ros.bringup.middleware import middleware_environment
from fer_ros.ros.contract import (
    ATTENTION_EVENTS,
    EMOTION_CLASSIFIER_NODE,
    EXPRESSION_EVENTS,
    FACE_EMOTIONS,
    SENSOR_DATA,
)

__all__ = [
    'AttentionCallback',
    'AttentionEvent',
    'AttentionType',
    'Box',
    'Callback',
    'EventType',
    'ExpressionEvent',
    'Face',
    'Faces',
    'HeadPose',
    'Position',
    'spin',
]

Callback = Callable[[ExpressionEvent], None]
AttentionCallback = Callable[[AttentionEvent], None]

_AnyCallback = TypeVar('_AnyCallback', Callback, AttentionCallback)


@dataclass(frozen=True, slots=True)
class Face:
    """One face in the newest frame, and its apparent expression.

    Attributes:
        face_id: Stays the same in all frames and events while the face is in view.
        appeared: Whether the face has been in view for appear_time.
        label: The label of the last event of the face. Before it has appeared, the most probable
            class so far, or 'uncertain', which can change with every frame.
        confidence: Smoothed probability of label, [0, 1]. If label is 'uncertain', that of the
            most probable class.
        uncertain: Whether no class is currently probable enough. label is then an earlier label
            and is not reliable. Always True while label is 'uncertain'.
        raw_label: The most probable class of this frame, without smoothing.
        raw_confidence: Its probability in this frame, [0, 1].
        probabilities: Smoothed probability of each class, [0, 1]. Their sum is 1.
        box: The region of the face in pixels of the frame.
        position: None without a CameraInfo.
        head_pose: None without a CameraInfo or landmarks (the Haar cascade has none).
        attention: Probability in this frame that the head is turned to the robot, [0, 1]. None
            without a head pose.
        looks: Whether the head is turned to the robot: True from on_looks to on_looks_away.
        valence: [-1, 1]. NaN for a model without the basic expressions.
        arousal: [-1, 1]. NaN for a model without the basic expressions.
        attributes: Scores by name, [0, 1].
        stamp: Stamp of the frame in nanoseconds.
        frame_id: The camera's optical frame of the position.
    """

    face_id: str
    appeared: bool
    label: str
    confidence: float
    uncertain: bool
    raw_label: str
    raw_confidence: float
    probabilities: Mapping[str, float]
    box: Box
    position: Position | None
    head_pose: HeadPose | None
    attention: float | None
    looks: bool
    valence: float
    arousal: float
    attributes: Mapping[str, float]
    stamp: int
    frame_id: str


class Faces:
    """The faces in view, and callbacks for events.

    Each callback takes an ExpressionEvent, or an AttentionEvent for looks. Pass a callback
    here or use a decorator. Several callbacks for one event are possible. A face that appeared
    before this program started does not appear again. It is in now(), and changes and leaves like
    any other.

    Threads: The executor that spins the node runs the callbacks, in the node's default callback
    group. They therefore run one at a time, unless you choose otherwise. An exception in a
    callback ends the spin, as in every rclpy callback. You can use now(), alive and the
    decorators on any thread at any time.
    """

    def __init__(
        self,
        node: Node | None = None,
        *,
        name: str = 'faces',
        namespace: str = '',
        on_appeared: Callback | None = None,
        on_changed: Callback | None = None,
        on_left: Callback | None = None,
        on_looks: AttentionCallback | None = None,
        on_looks_away: AttentionCallback | None = None,
        max_age: float = 1.0,
    ) -> None:
        """Subscribe.

        Args:
            node: Your node, which you spin. Without one, a node with the name `name` is created,
                rclpy is initialised if necessary, and spin() runs the node.
            name: Name of the created node.
            namespace: Namespace of the pipeline, if it differs from that of the node.
            on_appeared: Called with the event of a face that appeared.
            on_changed: Called with the event of a label that changed.
            on_left: Called with the event of a face that left.
            on_looks: Called with the event of a head that turned to the robot.
            on_looks_away: Called with the event of a head that turned away.
            max_age: Seconds after which received results are no longer current, > 0.

        Raises:
            ValueError: max_age is not positive.
        """
        if not max_age > 0:
            raise ValueError(f'max_age is {max_age}: use a value above 0 seconds')
        self._max_age = max_age
        given: dict[EventType | AttentionType, Callable[[Any], None] | None] = {
            EventType.APPEARED: on_appeared,
            EventType.CHANGED: on_changed,
            EventType.LEFT: on_left,
            AttentionType.LOOKS: on_looks,
            AttentionType.LOOKS_AWAY: on_looks_away,
        }
        self._callbacks: dict[EventType | AttentionType, tuple[Callable[[Any], None], ...]] = {
            kind: () if callback is None else (callback,) for kind, callback in given.items()
        }
        # It is replaced and never changed, so readers on other threads need no lock.
        self._newest: tuple[float, tuple[Face, ...]] = (-float('inf'), ())
        self._initialised = node is None and not rclpy.ok()
        if self._initialised:
            # With the announcements of the nodes' profile, the first result can come 3 s earlier.
            os.environ.update(middleware_environment(os.environ))
            rclpy.init()
        self._owns_node = node is None
        self.node: Node = Node(name) if node is None else node
        self._subscriptions = self._subscribe(namespace)

    # Decorators.

    def on_appeared(self, callback: Callback) -> Callback:
        """Call it when a face has been in view for appear_time, with any label."""
        return self._add(EventType.APPEARED, callback)

    def on_changed(self, callback: Callback) -> Callback:
        """Call it when the label of a face has changed, also from uncertain to the first label."""
        return self._add(EventType.CHANGED, callback)

    def on_left(self, callback: Callback) -> Callback:
        """Call it when a face that appeared was not detected for track_timeout."""
        return self._add(EventType.LEFT, callback)

    def on_looks(self, callback: AttentionCallback) -> AttentionCallback:
        """Call it when a head has turned to the robot. The direction of the eyes is unknown."""
        return self._add(AttentionType.LOOKS, callback)

    def on_looks_away(self, callback: AttentionCallback) -> AttentionCallback:
        """Call it when a head has turned away from the robot, or its face has left."""
        return self._add(AttentionType.LOOKS_AWAY, callback)

    # Current results.

    def now(self) -> list[Face]:
        """Return the faces of the newest frame, none if no result arrived for max_age seconds."""
        received, faces = self._newest
        return list(faces) if time.monotonic() - received < self._max_age else []

    @property
    def alive(self) -> bool:
        """Return whether the pipeline sends.

        It distinguishes an empty room from a stopped pipeline.
        """
        return time.monotonic() - self._newest[0] < self._max_age

    # Running without your own node.

    def spin(self) -> None:
        """Run callbacks until Ctrl-C, SIGTERM or shutdown, then close."""
        try:
            spin(self.node)
        finally:
            self.close()

    def close(self) -> None:
        """Unsubscribe, and end the node and rclpy if they were started here.

        A second call has no effect.
        """
        while self._subscriptions:
            self.node.destroy_subscription(self._subscriptions.pop())
        if self._owns_node:
            self.node.destroy_node()
            self._owns_node = False
        if self._initialised:
            rclpy.try_shutdown()
            self._initialised = False

    def __enter__(self) -> Faces:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _subscribe(self, namespace: str) -> list[Subscription]:
        prefix = f'{namespace.rstrip("/")}/' if namespace.strip('/') else ''
        events_qos = EMOTION_CLASSIFIER_NODE.topic(EXPRESSION_EVENTS).qos
        attention_qos = EMOTION_CLASSIFIER_NODE.topic(ATTENTION_EVENTS).qos
        return [
            self.node.create_subscription(kind, prefix + topic, callback, qos_profile(qos))
            for kind, topic, callback, qos in (
                (fer_msgs.FaceEmotionArray, FACE_EMOTIONS, self._on_emotions, SENSOR_DATA),
                (fer_msgs.ExpressionEvent, EXPRESSION_EVENTS, self._on_event, events_qos),
                (fer_msgs.AttentionEvent, ATTENTION_EVENTS, self._on_attention, attention_qos),
            )
        ]

    def _add(self, kind: EventType | AttentionType, callback: _AnyCallback) -> _AnyCallback:
        self._callbacks[kind] = (*self._callbacks[kind], callback)
        return callback

    def _on_emotions(self, message: fer_msgs.FaceEmotionArray) -> None:
        try:
            self._newest = (time.monotonic(), _faces(messages.emotion_set(message)))
        except MessageError as error:
            self.node.get_logger().error(str(error), throttle_duration_sec=LOG_PERIOD)

    def _on_event(self, message: fer_msgs.ExpressionEvent) -> None:
        self._call(message, messages.expression_event)

    def _on_attention(self, message: fer_msgs.AttentionEvent) -> None:
        self._call(message, messages.attention_event)

    def _call(self, message: Any, converted: Callable[[Any], Event]) -> None:
        try:
            event = converted(message)
        except MessageError as error:
            self.node.get_logger().error(str(error), throttle_duration_sec=LOG_PERIOD)
            return
        for callback in self._callbacks[event.type]:
            callback(event)


def _faces(emotions: EmotionSet) -> tuple[Face, ...]:
    return tuple(
        Face(
            face_id=face.face_id,
            appeared=face.appeared,
            label=face.label,
            confidence=face.confidence,
            uncertain=face.uncertain,
            raw_label=face.raw_label,
            raw_confidence=face.raw_confidence,
            probabilities=dict(
                zip(emotions.class_names, face.probabilities.tolist(), strict=True)
            ),
            box=face.box,
            position=face.position,
            head_pose=face.head_pose,
            attention=face.attention,
            looks=face.looks,
            valence=face.valence,
            arousal=face.arousal,
            attributes=face.attributes,
            stamp=emotions.stamp,
            frame_id=emotions.frame_id,
        )
        for face in emotions.faces
    )

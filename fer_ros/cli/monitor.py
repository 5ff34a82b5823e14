"""The messages that a robot program receives, as text."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.node import Node

from fer_msgs.msg import AttentionEvent, ExpressionEvent, FaceEmotionArray
from fer_ros.cli.words import in_words, status_line
from fer_ros.core.errors import MessageError
from fer_ros.core.types import S_TO_NS, Event, FaceEmotion
from fer_ros.ros import messages
from fer_ros.ros.base.distributions import publisher_count
from fer_ros.ros.base.faults import LOG_PERIOD
from fer_ros.ros.base.qos import qos_profile
from fer_ros.ros.contract import (
    ATTENTION_EVENTS,
    DIAGNOSTICS_TOPIC,
    EMOTION_CLASSIFIER_NODE,
    EXPRESSION_EVENTS,
    FACE_EMOTIONS,
    SENSOR_DATA,
)
from fer_ros.web.serving.addresses import qr_code
from fer_ros.web.serving.settings import is_loopback

#: Number of reports (one per second) for which a warning must last, because nodes start one by
#: one.
WARNING_PATIENCE = 4


class Monitor(Node):
    """Subscribes to the topics for robot programs, and converts messages to text.

    Args:
        has_camera: Whether a camera_node is expected. Events are then printed after their source.
    """

    def __init__(self, namespace: str, has_camera: bool = True, **kwargs: Any) -> None:
        super().__init__('demo', namespace=namespace, **kwargs)
        self.events = 0
        self.labelled: set[str] = set()
        self.faces: tuple[FaceEmotion, ...] = ()
        self.latency = 0.0
        self.messages = 0
        self.first_message = math.inf
        self.cannot_start = False
        self.lines: list[str] = []
        self._has_camera = has_camera
        self._source = self._dashboard = ''
        self._events_before_source: list[str] = []
        self._problems: dict[str, tuple[str, int]] = {}
        self._start = time.monotonic()
        expressions = EMOTION_CLASSIFIER_NODE.topic(EXPRESSION_EVENTS)
        attention = EMOTION_CLASSIFIER_NODE.topic(ATTENTION_EVENTS)
        subscribe = self.create_subscription
        subscribe(FaceEmotionArray, FACE_EMOTIONS, self._on_emotions, qos_profile(SENSOR_DATA))
        self._events_subscription = subscribe(
            ExpressionEvent, expressions.name, self._on_event, qos_profile(expressions.qos)
        )
        subscribe(AttentionEvent, attention.name, self._on_attention, qos_profile(attention.qos))
        diagnostics = DIAGNOSTICS_TOPIC
        subscribe(
            DiagnosticArray, diagnostics.name, self._on_diagnostics, qos_profile(diagnostics.qos)
        )

    def is_connected(self) -> bool:
        """Return whether the publisher of events has been found."""
        return publisher_count(self, self._events_subscription) > 0

    def status(self) -> str:
        """Return the current state in one line."""
        if not self.messages:
            return 'starting ...'
        return status_line(self.faces, self.latency)

    def _on_emotions(self, message: FaceEmotionArray) -> None:
        self.messages += 1
        self.first_message = min(self.first_message, time.monotonic())
        stamp = messages.stamp_from_time(message.header.stamp)
        self.latency = (self.get_clock().now().nanoseconds - stamp) / S_TO_NS
        try:
            self.faces = messages.emotion_set(message).faces
        except MessageError as error:
            self.get_logger().error(str(error), throttle_duration_sec=LOG_PERIOD)

    def _on_event(self, message: ExpressionEvent) -> None:
        self._add_event(message, messages.expression_event)

    def _on_attention(self, message: AttentionEvent) -> None:
        self._add_event(message, messages.attention_event)

    def _add_event(self, message: Any, converted: Callable[[Any], Event]) -> None:
        self.events += 1
        try:
            event = converted(message)
        except MessageError as error:
            self.get_logger().error(str(error), throttle_duration_sec=LOG_PERIOD)
            return
        self.labelled.add(event.face_id)
        waiting = self._has_camera and not self._source
        (self._events_before_source if waiting else self.lines).append(
            f'{time.monotonic() - self._start:6.1f} s  {in_words(event)}'
        )

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            state = next((pair.value for pair in status.values if pair.key == 'state'), '')
            is_ok = status.level == DiagnosticStatus.OK
            is_error = status.level == DiagnosticStatus.ERROR
            if state == 'active' and 'web_node:' in status.name and is_ok:
                self._add_dashboard(status.message)
            # Before the first frame, auto has not selected a source. A source with a warning, such
            # as the demo instead of a camera, sends frames, too.
            sends = self.messages and 'camera_node:' in status.name and state == 'active'
            if sends and (is_ok or not (is_error or self._source)):
                self._add_source(status.message)
            if is_ok:
                self._problems.pop(status.name, None)
            elif status.message != self._source:
                self._add_problem(status)
            if is_error and state != 'active':
                self.cannot_start = True

    def _add_source(self, source: str) -> None:
        if source != self._source:
            self._source = source
            self.lines += [f'source: {source}', *self.last_lines()]

    def last_lines(self) -> list[str]:
        """Return the events that still wait for their source, and clear them."""
        events, self._events_before_source = self._events_before_source, []
        return events

    def _add_dashboard(self, address: str) -> None:
        if address != self._dashboard:
            self._dashboard = address
            self.lines.append(f'dashboard: {address}')
            if not is_loopback(urlsplit(address).hostname or ''):
                self.lines += qr_code(address)

    def _add_problem(self, status: DiagnosticStatus) -> None:
        """Add a line about a problem: errors immediately, warnings if they last."""
        if self._has_camera and status.message.startswith(('no image on', 'no message on')):
            # For missing inputs, the previous node reports the reason.
            return
        text, times = self._problems.get(status.name, ('', 0))
        times = times + 1 if text == status.message else 1
        self._problems[status.name] = status.message, times
        patience = 1 if status.level == DiagnosticStatus.ERROR else WARNING_PATIENCE
        if times == patience:
            self.lines.append(f'{status.name.split(":")[0]}: {status.message}')

"""emotion_classifier_node: classifies, smooths and reports the apparent expression of faces."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fer_msgs.msg import FaceEmotionArray
from fer_ros.core.attention.facing import Point
from fer_ros.core.errors import EncodingError, GeometryError, LateError, ModelError
from fer_ros.core.pipeline import EmotionStage
from fer_ros.core.types import AttentionEvent, EmotionSet, ExpressionEvent, FaceSet
from fer_ros.core.worker import LatestWorker
from fer_ros.ros import messages
from fer_ros.ros.base.arrivals import EXPIRY_PERIOD, Arrivals
from fer_ros.ros.base.diagnostics import OK, WARN, Condition
from fer_ros.ros.base.distributions import publisher_count
from fer_ros.ros.base.node import FerNode
from fer_ros.ros.base.pipeline_parameters import pipeline_builder, pipeline_config
from fer_ros.ros.base.run import run_nodes
from fer_ros.ros.base.transforms import Transforms
from fer_ros.ros.contract import (
    ATTENTION_EVENTS,
    EMOTION_CLASSIFIER_NODE,
    EXPRESSION_EVENTS,
    FACE_EMOTIONS,
    FACES,
)

EmotionSink = Callable[[EmotionSet], None]


class EmotionClassifierNode(FerNode):
    """Runs the newest faces through an EmotionStage on a worker thread.

    Args:
        direct: A node in this process calls take_faces(). Nothing is subscribed.
    """

    def __init__(self, direct: bool = False, **kwargs: Any) -> None:
        self._direct = direct
        self._sinks: list[EmotionSink] = []
        self._stage: EmotionStage | None = None
        self._message = FaceEmotionArray()
        self._last_time = 0
        self._without_crop = False
        self._worker: LatestWorker[Any] = LatestWorker(
            self._handle, 'emotion classifier', self._expire, EXPIRY_PERIOD
        )
        super().__init__(EMOTION_CLASSIFIER_NODE, **kwargs)
        self._faces = Arrivals(
            self,
            'messages',
            'use a separate namespace for each edge, with its own compute launch',
            'the network or a processor is overloaded; lower fps of camera_node, or send crops '
            'as JPEG (crop_jpeg_quality of face_detector_node)',
        )

    def connect(self, sink: EmotionSink) -> None:
        """Also pass each emotion set to a node in this process, without a message."""
        self._sinks.append(sink)

    def take_faces(self, faces: FaceSet, at_once: bool = False) -> None:
        """Take faces from a node in this process.

        Args:
            faces: The faces.
            at_once: Process them on this thread, if no others are being processed. If false, it
                returns immediately.
        """
        self._faces.note_arrival()
        if not (at_once and self._worker.handle_here(faces)):
            self._worker.submit(faces)

    def configure(self) -> None:
        """Load the model and create the publishers."""
        values = self.parameters.values()
        builder = pipeline_builder(values)
        self._stage = builder.emotion_stage(timed=self.statistics.timed)
        for model in self._stage.scorer.models:
            self.get_logger().info(model.description)
        self._regard = Transforms(self, 'regard_frame')
        self._point = self._regard_point()
        self._attention_publisher = self.create_contract_publisher(ATTENTION_EVENTS)
        self._emotions_publisher = self.create_contract_publisher(FACE_EMOTIONS)
        self._events_publisher = self.create_contract_publisher(EXPRESSION_EVENTS)

    def activate(self) -> None:
        """Start the worker and subscribe."""
        self._worker.start()
        self._regard.subscribe()
        if self._direct:
            self._faces.restart()
        else:
            self._faces.subscribe(FACES, self._worker.take, past_executor=True)

    def deactivate(self) -> None:
        """Stop the worker and let every face leave."""
        self._faces.stop()
        self._worker.stop()
        if self._stage is not None:
            self._publish_events(*self._stage.close(self._elapsed()))

    def cleanup(self) -> None:
        """Release the model."""
        self._stage = None

    def check_parameters(self, values: dict[str, Any]) -> None:
        """Refuse values that smoothing, events or attention would refuse."""
        pipeline_config(values)

    def apply_parameters(self) -> None:
        """Apply new values from the next message on."""
        if self._stage is not None:
            config = pipeline_config(self.parameters.values())
            self._stage.set_config(config.smoothing, config.events, config.attention)
            self._point = self._regard_point()

    def condition(self) -> Condition:
        """Return whether faces with crops arrive."""
        if self._without_crop:
            return Condition(
                WARN, 'faces arrive without crops: set crops of face_detector_node to true'
            )
        if not self._faces.are_silent:
            if warning := self._faces.warning() or self._regard.error:
                return Condition(WARN, warning)
            return Condition(OK, self._stage.classifier.name if self._stage else '')
        subscription = self._faces.subscription
        if subscription is None:
            return Condition(WARN, 'no faces arrive: check face_detector_node')
        publishers = publisher_count(self, subscription)
        return Condition(
            WARN,
            f'no message on {subscription.topic_name} (publishers: {publishers}): check '
            'face_detector_node',
        )

    def values(self) -> dict[str, str]:
        """Add the faces that were replaced by newer ones, or that raised an error."""
        return {
            'dropped_busy': str(self._worker.dropped),
            'failed': str(self._worker.failed),
            **self.clock_note(self._faces.subscription),
        }

    def _handle(self, item: Any) -> None:
        """Process one message on the worker thread."""
        stage = self._stage
        if stage is None:
            return
        try:
            faces = item if isinstance(item, FaceSet) else messages.face_set(item)
            stage.regard = self._regard.in_camera(self._point, faces.frame_id, faces.stamp)
            result = stage.process(faces)
        except LateError:
            self.statistics.count('dropped_late')
            return
        except (EncodingError, GeometryError, ModelError) as error:
            self.report_fault(str(error))
            self.statistics.count('bad_faces')
            return
        self._publish_events(result.events, result.attention_events)
        self.pass_on(self._sinks, result.emotions)
        if self._emotions_publisher.get_subscription_count():
            self._emotions_publisher.publish(
                messages.emotion_array(result.emotions, self._message)
            )
        self._last_time = self.now()
        self._without_crop = bool(result.unclassified)
        if result.unclassified:
            self.statistics.count('unclassified', result.unclassified)
        self.clear_fault()
        self.statistics.processed(self.latency(faces.stamp))

    def _expire(self) -> None:
        """Let faces leave while no message arrives. It runs on the worker thread."""
        if self._stage is not None:
            self._publish_events(*self._stage.expire(self._elapsed()))

    def _publish_events(self, events: list[ExpressionEvent], turns: list[AttentionEvent]) -> None:
        """Publish events and attention events."""
        for event in events:
            self._events_publisher.publish(messages.event_message(event))
        for turn in turns:
            self._attention_publisher.publish(messages.attention_message(turn))

    def _elapsed(self) -> int:
        """Return the nanoseconds since the last message was processed."""
        return max(self.now() - self._last_time, 0)

    def _regard_point(self) -> Point:
        """Return the point of regard in its own frame."""
        x, y, z = (float(self.parameters[f'regard_{axis}']) for axis in 'xyz')
        return x, y, z


def main() -> int:
    """Run emotion_classifier_node."""
    return run_nodes(lambda: [EmotionClassifierNode()])

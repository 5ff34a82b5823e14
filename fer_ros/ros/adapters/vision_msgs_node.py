"""vision_msgs_node: apparent expressions as Detection2DArray, class names as LabelInfo."""

from __future__ import annotations

from typing import Any

from fer_ros.core.types import EmotionSet
from fer_ros.ros.adapters.packages import messages_of
from fer_ros.ros.adapters.vision import VisionMessages
from fer_ros.ros.base.emotion_converter import EmotionConverter
from fer_ros.ros.base.run import run_nodes
from fer_ros.ros.contract import DETECTIONS, LABEL_INFO, VISION_MSGS_NODE


class VisionMsgsNode(EmotionConverter):
    """Publishes detections for each message, and class names whenever they change."""

    def __init__(self, **kwargs: Any) -> None:
        self._class_names: tuple[str, ...] = ()
        super().__init__(VISION_MSGS_NODE, **kwargs)

    def configure(self) -> None:
        """Find vision_msgs and create the publishers."""
        self._messages = VisionMessages(messages_of('vision_msgs'))
        self._class_names = ()
        self._detections_publisher = self.create_contract_publisher(DETECTIONS)
        self._labels_publisher = self.create_contract_publisher(LABEL_INFO)

    def publish_emotions(self, emotions: EmotionSet) -> None:
        """Publish the detections of the expressions."""
        if emotions.class_names != self._class_names:
            self._class_names = emotions.class_names
            self._labels_publisher.publish(self._messages.label_info(emotions))
        if self._detections_publisher.get_subscription_count():
            self._detections_publisher.publish(self._messages.detections(emotions))


def main() -> int:
    """Run vision_msgs_node."""
    return run_nodes(lambda: [VisionMsgsNode()])

"""foxglove_node: draws faces in Foxglove's image panel."""

from __future__ import annotations

from typing import Any

from fer_ros.core.types import EmotionSet
from fer_ros.ros.adapters.foxglove import FoxgloveMessages
from fer_ros.ros.adapters.packages import messages_of
from fer_ros.ros.base.emotion_converter import EmotionConverter
from fer_ros.ros.base.run import run_nodes
from fer_ros.ros.contract import FOXGLOVE_NODE, IMAGE_ANNOTATIONS


class FoxgloveNode(EmotionConverter):
    """Publishes annotations for each message while there is a subscription."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(FOXGLOVE_NODE, **kwargs)

    def configure(self) -> None:
        """Find foxglove_msgs and create the publisher."""
        self._messages = FoxgloveMessages(messages_of('foxglove_msgs'))
        self._publisher = self.create_contract_publisher(IMAGE_ANNOTATIONS)

    def publish_emotions(self, emotions: EmotionSet) -> None:
        """Publish the annotations of the expressions."""
        if self._publisher.get_subscription_count():
            self._publisher.publish(self._messages.annotations(emotions))


def main() -> int:
    """Run foxglove_node."""
    return run_nodes(lambda: [FoxgloveNode()])

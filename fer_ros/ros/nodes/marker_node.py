"""marker_node: shows faces in space, for rviz."""

from __future__ import annotations

from typing import Any

from fer_ros.core.types import EmotionSet
from fer_ros.ros.base.emotion_converter import EmotionConverter
from fer_ros.ros.base.run import run_nodes
from fer_ros.ros.contract import MARKER_NODE, MARKERS
from fer_ros.ros.messages.markers import MarkerMaker


class MarkerNode(EmotionConverter):
    """Publishes a box and a text for each face while there is a subscription."""

    def __init__(self, direct: bool = False, **kwargs: Any) -> None:
        self._maker = MarkerMaker(0.0)
        super().__init__(MARKER_NODE, direct, **kwargs)

    def configure(self) -> None:
        """Create the publisher."""
        self.apply_parameters()
        self._publisher = self.create_contract_publisher(MARKERS)

    def publish_emotions(self, emotions: EmotionSet) -> None:
        """Publish added and deleted markers."""
        if self._publisher.get_subscription_count() and self.has_frame(emotions):
            self._publisher.publish(self._maker.update(emotions))

    def deactivate(self) -> None:
        """Unsubscribe and delete all markers."""
        was_active = self._is_taking
        super().deactivate()
        if was_active:
            self._publisher.publish(self._maker.clear())

    def apply_parameters(self) -> None:
        """Apply a new lifetime."""
        self._maker.lifetime = float(self.parameters['lifetime'])


def main() -> int:
    """Run marker_node."""
    return run_nodes(lambda: [MarkerNode()])

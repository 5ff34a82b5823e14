"""What the nodes share that only turn expressions into other messages."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from fer_msgs.msg import FaceEmotionArray
from fer_ros.core.types import EmotionSet
from fer_ros.ros import conversion
from fer_ros.ros.contract import FACE_EMOTIONS, NodeContract
from fer_ros.ros.diagnostics import OK, WARN, Condition, SequenceCounter
from fer_ros.ros.node import FerNode

#: Seconds without a message after which diagnostics warn.
SILENCE = 2.0


class EmotionsNode(FerNode):
    """Subscribes to face_emotions while active and hands them to publish_emotions().

    Subclasses implement publish_emotions(), configure() and cleanup(). What they do takes about a
    millisecond, so it is done in the callback.
    direct: expressions come from a node in this process through take_emotions(), nothing is
    subscribed.
    """

    def __init__(self, contract: NodeContract, direct: bool = False, **kwargs: Any) -> None:
        self._direct = direct
        self._is_taking = False
        self._subscriptions_of_mine: list[Any] = []
        self._lost = SequenceCounter()
        self._last_message = time.monotonic()
        super().__init__(contract, **kwargs)

    def publish_emotions(self, emotions: EmotionSet) -> None:
        """Publish what is made of these expressions."""
        raise NotImplementedError

    def take_emotions(self, emotions: EmotionSet) -> None:
        """Take expressions, from the subscription or from a node in this process."""
        if self._is_taking:
            self._last_message = time.monotonic()
            self.publish_emotions(emotions)
            self.statistics.processed(self.latency(emotions.stamp))

    def activate(self) -> None:
        """Subscribe."""
        self._last_message = time.monotonic()
        self._is_taking = True
        if not self._direct:
            self._lost = SequenceCounter()
            self._subscriptions_of_mine = [self.create_contract_subscription(
                self.contract.topic(FACE_EMOTIONS), self._on_emotions)]

    def deactivate(self) -> None:
        """Unsubscribe."""
        self._is_taking = False
        while self._subscriptions_of_mine:
            self.destroy_subscription(self._subscriptions_of_mine.pop())

    def condition(self) -> Condition:
        """Tell whether expressions come."""
        if time.monotonic() - self._last_message < SILENCE:
            return Condition(OK, 'active')
        return Condition(WARN, 'no expressions come: see emotion_classifier_node')

    def _on_emotions(self, message: FaceEmotionArray, info: Mapping[str, int | None]) -> None:
        publishers = self._subscriptions_of_mine[0].get_publisher_count()
        self.statistics.count('dropped_transport', self._lost.lost(info, publishers))
        self.take_emotions(conversion.emotion_set(message))

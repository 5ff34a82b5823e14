"""The base of nodes that convert expressions to other messages."""

from __future__ import annotations

import threading
from typing import Any

from fer_msgs.msg import FaceEmotionArray
from fer_ros.core.types import EmotionSet
from fer_ros.ros import messages
from fer_ros.ros.base.arrivals import Arrivals
from fer_ros.ros.base.diagnostics import OK, WARN, Condition
from fer_ros.ros.base.node import FerNode
from fer_ros.ros.contract import FACE_EMOTIONS, NodeContract


class EmotionConverter(FerNode):
    """Base of nodes that pass face_emotions to publish_emotions() while they are active.

    Subclasses implement publish_emotions(), configure() and cleanup(). The conversion takes about
    a millisecond, so it is done in the callback.

    Args:
        direct: A node in this process calls take_emotions(). Nothing is subscribed.
    """

    def __init__(self, contract: NodeContract, direct: bool = False, **kwargs: Any) -> None:
        self._direct = direct
        self._is_taking = False
        # Held while expressions are published, on the thread of another node if direct.
        self._taking = threading.Lock()
        super().__init__(contract, **kwargs)
        self._arrivals = Arrivals(
            self,
            'expressions',
            'use a separate namespace for each pipeline',
            'the network or a processor is overloaded',
        )

    def publish_emotions(self, emotions: EmotionSet) -> None:
        """Publish the messages for these expressions."""
        raise NotImplementedError

    def take_emotions(self, emotions: EmotionSet) -> None:
        """Receive expressions from the subscription or from a node in this process."""
        with self._taking:
            if self._is_taking:
                self._arrivals.note_arrival()
                self.publish_emotions(emotions)
                self.statistics.processed(self.latency(emotions.stamp))

    def has_frame(self, emotions: EmotionSet) -> bool:
        """Return whether the images have a frame_id. If not, report what that means."""
        if emotions.frame_id:
            self.clear_fault()
            return True
        self.report_fault(
            'the images have no frame_id, so faces have no position in TF and rviz: set the '
            'frame_id '
            'of the camera driver'
        )
        return False

    def activate(self) -> None:
        """Subscribe."""
        self._is_taking = True
        if self._direct:
            self._arrivals.restart()
        else:
            self._arrivals.subscribe(FACE_EMOTIONS, self._on_emotions)

    def deactivate(self) -> None:
        """Unsubscribe."""
        with self._taking:
            self._is_taking = False
        self._arrivals.stop()

    def condition(self) -> Condition:
        """Return whether expressions arrive, and few are lost."""
        if self._arrivals.are_silent:
            return Condition(WARN, 'no expressions arrive: check emotion_classifier_node')
        if warning := self._arrivals.warning():
            return Condition(WARN, warning)
        return Condition(OK, 'active')

    def _on_emotions(self, message: FaceEmotionArray) -> None:
        self.take_emotions(messages.emotion_set(message))

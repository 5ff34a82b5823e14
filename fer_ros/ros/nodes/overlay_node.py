"""overlay_node: draws results onto their pictures while there is a subscription."""

from __future__ import annotations

import time
from typing import Any, TypeAlias

from rclpy.subscription import Subscription
from sensor_msgs.msg import CompressedImage, Image

from fer_ros.core.display.drawing import DrawingConfig
from fer_ros.core.display.overlay import paint
from fer_ros.core.display.result_matching import Match, ResultMatcher
from fer_ros.core.errors import FerError
from fer_ros.core.position import CameraModel
from fer_ros.core.types import EmotionSet, Frame
from fer_ros.core.worker import LatestWorker
from fer_ros.ros import messages
from fer_ros.ros.base.arrivals import SILENCE
from fer_ros.ros.base.diagnostics import OK, WARN, Condition
from fer_ros.ros.base.image_subscription import DEMAND_PERIOD, ImageSubscription
from fer_ros.ros.base.node import FerNode
from fer_ros.ros.base.run import run_nodes
from fer_ros.ros.contract import (
    FACE_EMOTIONS,
    OVERLAY,
    OVERLAY_COMPRESSED,
    OVERLAY_NODE,
)

Picture: TypeAlias = Frame | Image | CompressedImage


class OverlayNode(FerNode):
    """Keeps the latest pictures until their results arrive. A worker thread draws and publishes.

    Args:
        direct: Nodes in this process call take_frame() and take_emotions(). Nothing is subscribed.
    """

    def __init__(self, direct: bool = False, **kwargs: Any) -> None:
        self._direct = direct
        self._watched = False
        self._matcher: ResultMatcher[Picture] = ResultMatcher(0.0, 0)
        self._config = DrawingConfig()
        self._jpeg_quality = 0
        self._results: Subscription | None = None
        self._last_result = time.monotonic()
        self._buffer = messages.ImageBuffer()
        self._worker: LatestWorker[Match[Picture]] = LatestWorker(self._handle, 'overlay')
        super().__init__(OVERLAY_NODE, **kwargs)
        self._images = ImageSubscription(self, self._on_image)
        self.repeat(DEMAND_PERIOD, self._follow_demand)

    def take_frame(self, frame: Frame, camera: CameraModel, at_once: bool = False) -> None:
        """Take a frame from a node in this process. It returns immediately."""
        if self._watched:
            self._take_picture(frame.stamp, frame, frame.image.nbytes)

    def take_emotions(self, emotions: EmotionSet) -> None:
        """Take expressions from a node in this process. It returns immediately."""
        if self._watched:
            self._last_result = time.monotonic()
            self._show(self._matcher.add_result(emotions))

    def configure(self) -> None:
        """Create the publishers."""
        self.apply_parameters()
        self._publisher = self.create_contract_publisher(OVERLAY)
        self._compressed_publisher = self.create_contract_publisher(OVERLAY_COMPRESSED)

    def activate(self) -> None:
        """Start the worker. The demand timer subscribes as soon as there is a subscription."""
        self._worker.start()

    def deactivate(self) -> None:
        """Unsubscribe and stop the worker."""
        self._watch(False)
        self._worker.stop()

    def apply_parameters(self) -> None:
        """Apply new values from the next picture on."""
        values = self.parameters.values()
        self._config = DrawingConfig(
            ids=values['ids'],
            bars=values['bars'],
            attributes=values['attributes'],
            axes=values['axes'],
        )
        self._matcher.max_delay = float(values['max_delay'])
        self._matcher.max_bytes = int(values['buffer_size']) * 1_000_000
        self._jpeg_quality = int(values['jpeg_quality'])

    def condition(self) -> Condition:
        """Return whether there is a subscription, and whether pictures and results arrive."""
        if not self._watched:
            return Condition(OK, 'there is no subscriber')
        if self._images.are_silent:
            return Condition(WARN, f'no image on {_name(self._images.subscription)}')
        if time.monotonic() - self._last_result > SILENCE:
            return Condition(
                WARN, f'no results on {_name(self._results)}: check emotion_classifier_node'
            )
        if warning := self._images.warning():
            return Condition(WARN, warning)
        return Condition(OK, 'drawing')

    def values(self) -> dict[str, str]:
        """Add results without a picture, and items that the worker omitted."""
        return {
            'unmatched': str(self._matcher.unmatched),
            'dropped_busy': str(self._worker.dropped),
            'failed': str(self._worker.failed),
        }

    def _follow_demand(self) -> None:
        """Work while there is a subscription to the overlay."""
        if self.state_label == 'active':
            self._watch(
                any(
                    publisher.get_subscription_count() > 0
                    for publisher in (self._publisher, self._compressed_publisher)
                )
            )

    def _watch(self, wanted: bool) -> None:
        if wanted == self._watched:
            return
        self._last_result = time.monotonic()
        if wanted and not self._direct:
            self._results = self.subscribe(FACE_EMOTIONS, self._on_emotions)
            self._images.start()
        else:
            self._images.stop()
        self._watched = wanted
        if not wanted:
            if self._results is not None:
                self.unsubscribe(self._results)
            self._results = None
            self._matcher.clear()

    def _on_image(self, message: Image | CompressedImage) -> None:
        self._matcher.tolerance = self._images.tolerance
        stamp = messages.stamp_from_time(message.header.stamp)
        # A compressed picture stays compressed, because that is a tenth of the size, and most are
        # never drawn.
        self._take_picture(stamp, message, len(message.data))

    def _on_emotions(self, message: Any) -> None:
        self.take_emotions(messages.emotion_set(message))

    def _take_picture(self, stamp: int, picture: Picture, size: int) -> None:
        self._images.note_arrival()
        self._show(self._matcher.add_picture(stamp, picture, size))

    def _show(self, match: Match[Picture] | None) -> None:
        if match is not None:
            self._worker.submit(match)

    def _handle(self, match: Match[Picture]) -> None:
        """Draw and publish one picture on the worker thread."""
        try:
            own = None if match.own is None else messages.frame(match.own)
            frame = paint(
                Match(
                    messages.frame(match.picture),
                    match.emotions,
                    own,
                    match.late,
                    match.age,
                    match.silence,
                ),
                self._config,
            )
        except FerError as error:
            self.report_fault(str(error))
            self.statistics.count('bad_images')
            return
        if self._publisher.get_subscription_count():
            self._publisher.publish(self._buffer.fill(frame))
        if self._compressed_publisher.get_subscription_count():
            self._compressed_publisher.publish(messages.jpeg_message(frame, self._jpeg_quality))
        self.clear_fault()
        self.statistics.processed(self.latency(frame.stamp))


def _name(subscription: Any) -> str:
    return 'the direct way' if subscription is None else str(subscription.topic_name)


def main() -> int:
    """Run overlay_node."""
    return run_nodes(lambda: [OverlayNode()])

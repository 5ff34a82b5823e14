"""The subscription of a node to images: raw or compressed, reliable or best effort."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fer_ros.ros.base.arrivals import Arrivals
from fer_ros.ros.base.node import FerNode
from fer_ros.ros.contract import IMAGE_COMPRESSED, IMAGE_RAW, Topic

#: Seconds between two checks of the published images.
CHECK_PERIOD = 1.0

#: Seconds between two checks for viewers, in nodes that subscribe only while there are some.
DEMAND_PERIOD = 0.2

#: Remedies for lost images and for several publishers.
LOST_REMEDY = (
    'set image_reliability:=reliable or image_transport:=compressed, or start the driver with '
    "fer_ros's config/fastdds.xml (docs/troubleshooting.md, Known problems); if a processor is "
    'overloaded, lower the rate of the camera'
)
MIXED_REMEDY = 'use a separate namespace for each camera'

#: Number of checks in a row that must find only the other form before it is used, because the
#: publishers of one driver are discovered one by one.
_PATIENCE = 3


class ImageSubscription(Arrivals):
    """A subscription to images by the parameters image_transport and image_reliability.

    With `auto`, it uses raw images, unless only compressed ones are published. That is checked
    once a second while it is subscribed.
    """

    def __init__(
        self, node: FerNode, callback: Callable[[Any], None], past_executor: bool = False
    ) -> None:
        """Create it for a node, with a callback for each image, which can bypass the executor."""
        super().__init__(node, 'images', MIXED_REMEDY, LOST_REMEDY)
        self._on_image = callback
        self._past_executor = past_executor
        self._compressed = False
        self._looks = 0
        node.repeat(CHECK_PERIOD, self._check_publishers)

    def start(self) -> None:
        """Subscribe to the current form of the images."""
        self.subscribe(self._topic(), self._on_image, self._past_executor)

    def _topic(self) -> Topic:
        transport = self._node.parameters['image_transport']
        compressed = self._compressed if transport == 'auto' else transport == 'compressed'
        topic = self._node.contract.topic(IMAGE_COMPRESSED if compressed else IMAGE_RAW)
        qos = replace(topic.qos, reliability=str(self._node.parameters['image_reliability']))
        return replace(topic, qos=qos, name=self._node.name_to_create(topic.name))

    def _check_publishers(self) -> None:
        """Subscribe to the other form of the images if only that is published."""
        if self.subscription is not None and self._has_changed():
            self.stop()
            self.start()

    def _has_changed(self) -> bool:
        """Check the publishers, and return whether to subscribe to the other form."""
        if self._node.parameters['image_transport'] != 'auto':
            return False
        raw_name = self._node.full_topic_name(IMAGE_RAW)
        compressed_name = self._node.full_topic_name(IMAGE_COMPRESSED)
        raw, compressed = map(self._node.count_publishers, (raw_name, compressed_name))
        wanted = not raw and (self._compressed or bool(compressed))
        self._looks = self._looks + 1 if wanted != self._compressed else 0
        if self._looks < (1 if raw else _PATIENCE):
            return False
        self._looks = 0
        self._compressed = wanted
        self._node.get_logger().info(
            f'no node publishes {raw_name}, but {compressed_name} is published: using the '
            'compressed images'
            if wanted
            else f'{raw_name} is published now: using it instead of the compressed images'
        )
        return True

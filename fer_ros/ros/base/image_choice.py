"""Which topic of images a node subscribes to: raw or compressed, reliable or best effort."""

from __future__ import annotations

from dataclasses import replace

from fer_ros.ros.base.node import FerNode
from fer_ros.ros.contract import IMAGE_COMPRESSED, IMAGE_RAW, Topic

#: Seconds between two looks which images are published.
LOOK_PERIOD = 1.0

#: What helps where images get lost, and where several publish them.
LOST_REMEDY = (
    'set image_reliability:=reliable or image_transport:=compressed, or start the driver with '
    "fer_ros's config/fastdds.xml (docs/troubleshooting.md, Known traps)"
)
MIXED_REMEDY = 'give each camera a namespace of its own'

#: Looks in a row that must find the other form alone before it is taken: publishers of one driver
#: are discovered one after the other.
_PATIENCE = 3


class ImageChoice:
    """The topic by the parameters image_transport and image_reliability.

    With `auto` it is the raw one, unless compressed images alone are published.
    """

    def __init__(self, node: FerNode) -> None:
        self._node = node
        self._compressed = False
        self._looks = 0

    def topic(self) -> Topic:
        """Return the topic to subscribe to."""
        transport = self._node.parameters['image_transport']
        compressed = self._compressed if transport == 'auto' else transport == 'compressed'
        topic = self._node.contract.topic(IMAGE_COMPRESSED if compressed else IMAGE_RAW)
        qos = replace(topic.qos, reliability=str(self._node.parameters['image_reliability']))
        return replace(topic, qos=qos, name=self._compressed_name() if compressed else topic.name)

    def has_changed(self) -> bool:
        """Look at what is published; return whether topic() is another one now.

        To be called about once a second while images are wanted.
        """
        if self._node.parameters['image_transport'] != 'auto':
            return False
        raw, compressed = map(
            self._node.count_publishers, (self._raw_name(), self._compressed_name())
        )
        wanted = not raw and (self._compressed or bool(compressed))
        self._looks = self._looks + 1 if wanted != self._compressed else 0
        if self._looks < (1 if raw else _PATIENCE):
            return False
        self._looks = 0
        self._compressed = wanted
        self._node.get_logger().info(
            f'nobody publishes {self._raw_name()}, but {self._compressed_name()} comes: taking '
            'the compressed images'
            if wanted
            else f'{self._raw_name()} is published now: taking it instead of the compressed images'
        )
        return True

    def _raw_name(self) -> str:
        return str(self._node.resolve_topic_name(IMAGE_RAW))

    def _compressed_name(self) -> str:
        """Return the full name of the compressed images; they are below the raw ones.

        Also where only the raw name was remapped, as with -r image_raw:=/usb_cam/image_raw.
        """
        own = str(self._node.resolve_topic_name(IMAGE_COMPRESSED))
        is_remapped = own != str(self._node.resolve_topic_name(IMAGE_COMPRESSED, only_expand=True))
        return own if is_remapped else f'{self._raw_name()}/compressed'

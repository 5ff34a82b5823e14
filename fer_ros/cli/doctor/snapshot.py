"""The running system as plain data: what observe.py saw and system.py judges. Imports no ROS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Message types.
IMAGE = 'sensor_msgs/msg/Image'
COMPRESSED_IMAGE = 'sensor_msgs/msg/CompressedImage'
CAMERA_INFO = 'sensor_msgs/msg/CameraInfo'
FACE_ARRAY = 'fer_msgs/msg/FaceArray'
FACE_EMOTIONS = 'fer_msgs/msg/FaceEmotionArray'
EVENT = 'fer_msgs/msg/ExpressionEvent'


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A publisher or a subscription.

    node: full name. reliability: reliable, best_effort. durability: volatile, transient_local.
    gid: by which the middleware knows it.
    """

    node: str
    topic: str
    type: str
    reliability: str = 'reliable'
    durability: str = 'volatile'
    gid: bytes = b''


@dataclass(frozen=True, slots=True)
class NodeState:
    """One of our nodes.

    state: of its life cycle; None when it did not answer. sim_time: None when not known.
    """

    name: str
    state: str | None = 'active'
    sim_time: bool | None = False


@dataclass(slots=True)
class Heard:
    """What came on a topic while we listened.

    age: seconds from the newest stamp to its arrival, by this machine's clock.
    lost: messages that did not arrive, by their numbers. stamped: whether stamps are not 0.
    size: bytes of an image. faces: in the newest message.
    """

    received: int = 0
    lost: int = 0
    age: float = 0.0
    stamped: bool = True
    size: int = 0
    encoding: str = ''
    faces: int = 0


@dataclass(frozen=True, slots=True)
class Status:
    """A diagnostic status of one of our nodes. level: 0 ok, 1 warning, 2 error, 3 stale."""

    name: str
    level: int
    message: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The system as seen for some seconds. nodes: ours alone. clock: messages of /clock."""

    seconds: float = 4.0
    publishers: tuple[Endpoint, ...] = ()
    subscriptions: tuple[Endpoint, ...] = ()
    nodes: tuple[NodeState, ...] = ()
    heard: Mapping[str, Heard] = field(default_factory=dict)
    statuses: tuple[Status, ...] = ()
    clock: int = 0

    def is_ours(self, endpoint: Endpoint) -> bool:
        """Return whether an endpoint belongs to one of our nodes."""
        return any(endpoint.node == node.name for node in self.nodes)

    def publishers_of(self, topic: str) -> list[Endpoint]:
        """Return who publishes a topic."""
        return [endpoint for endpoint in self.publishers if endpoint.topic == topic]

"""The state of the running system as plain data, from observe.py for system.py. Imports no ROS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Message types.
IMAGE = 'sensor_msgs/msg/Image'
COMPRESSED_IMAGE = 'sensor_msgs/msg/CompressedImage'
CAMERA_INFO = 'sensor_msgs/msg/CameraInfo'
FACE_ARRAY = 'fer_msgs/msg/FaceArray'
FACE_EMOTIONS = 'fer_msgs/msg/FaceEmotionArray'


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A publisher or a subscription.

    Attributes:
        node: Full name.
        reliability: reliable or best_effort.
        durability: volatile or transient_local.
        gid: Its identifier in the middleware.
    """

    node: str
    topic: str
    type: str
    reliability: str = 'reliable'
    durability: str = 'volatile'
    gid: bytes = b''


@dataclass(frozen=True, slots=True)
class NodeState:
    """A node of fer_ros.

    Attributes:
        state: State of its life cycle, None if it did not answer.
        sim_time: None if unknown.
    """

    name: str
    state: str | None = 'active'
    sim_time: bool | None = False


@dataclass(slots=True)
class Heard:
    """The messages that arrived on a topic during the observation.

    Attributes:
        age: Seconds from the newest stamp to its arrival, by the clock of this machine.
        lost: Messages that did not arrive, from their numbers.
        stamped: Whether stamps are not 0.
        size: Bytes of an image.
        faces: In the newest message.
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
    """A diagnostic status of a node of fer_ros.

    Attributes:
        level: 0 ok, 1 warning, 2 error, 3 stale.
    """

    name: str
    level: int
    message: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The observed system.

    Attributes:
        nodes: Only those of fer_ros.
        clock: Number of messages on /clock.
    """

    seconds: float = 4.0
    publishers: tuple[Endpoint, ...] = ()
    subscriptions: tuple[Endpoint, ...] = ()
    nodes: tuple[NodeState, ...] = ()
    heard: Mapping[str, Heard] = field(default_factory=dict)
    statuses: tuple[Status, ...] = ()
    clock: int = 0

    def is_ours(self, endpoint: Endpoint) -> bool:
        """Return whether an endpoint belongs to a node of fer_ros."""
        return any(endpoint.node == node.name for node in self.nodes)

    def publishers_of(self, topic: str) -> list[Endpoint]:
        """Return the publishers of a topic."""
        return [endpoint for endpoint in self.publishers if endpoint.topic == topic]

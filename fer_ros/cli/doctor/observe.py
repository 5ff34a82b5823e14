"""Observation of the running system for some seconds. The only part that needs ROS."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from lifecycle_msgs.srv import GetState
from rcl_interfaces.srv import GetParameters
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rosgraph_msgs.msg import Clock

from fer_ros.cli.doctor.snapshot import (
    COMPRESSED_IMAGE,
    FACE_ARRAY,
    FACE_EMOTIONS,
    IMAGE,
    Endpoint,
    Heard,
    NodeState,
    Snapshot,
    Status,
)
from fer_ros.core.types import S_TO_NS
from fer_ros.ros.base.diagnostics import STATUS_SUFFIX, SequenceCounter
from fer_ros.ros.base.distributions import with_info
from fer_ros.ros.contract import DIAGNOSTICS_TOPIC, NODES
from fer_ros.ros.messages import message_type, stamp_from_time

NAME = 'doctor'

#: Seconds without a new node that end the discovery, and the longest discovery in seconds: a
#: participant whose first announcements are lost announces itself again every three seconds.
SETTLED, LONGEST_DISCOVERY = 1.5, 5.0

#: Seconds after which an unanswered request is repeated.
ASKED_AGAIN = 0.7

#: Depth of the subscriptions, so that this process does not lose received messages.
DEPTH = 10

_IMAGES = (IMAGE, COMPRESSED_IMAGE)
_LISTENED = (*_IMAGES, FACE_ARRAY, FACE_EMOTIONS)
_SENSOR_DATA = QoSProfile(depth=DEPTH, reliability=ReliabilityPolicy.BEST_EFFORT)


def observe(seconds: float) -> Snapshot:
    """Return the state of the system that this shell can see.

    Args:
        seconds: Time for which topics are received, after discovery.
    """
    context = rclpy.Context()
    rclpy.init(context=context, args=[])
    try:
        node = Node(NAME, context=context, enable_rosout=False, start_parameter_services=False)
        executor = SingleThreadedExecutor(context=context)
        executor.add_node(node)
        try:
            return _Observer(node, executor).observe(seconds)
        finally:
            executor.shutdown()
            node.destroy_node()
    finally:
        rclpy.shutdown(context=context)


class _Question:
    """A request to a service.

    It is repeated until an answer arrives, because first requests can be lost.
    """

    def __init__(self, client: Any, request: Any) -> None:
        self._client, self._request = client, request
        self._answers: list[Any] = []
        self._next = 0.0

    def ask(self) -> None:
        """Send the request if it is due and the service exists."""
        now = time.monotonic()
        if now >= self._next and self.answer() is None and self._client.service_is_ready():
            self._answers.append(self._client.call_async(self._request))
            self._next = now + ASKED_AGAIN

    def answer(self) -> Any:
        """Return the first answer, or None until there is one."""
        return next((answer.result() for answer in self._answers if answer.done()), None)


class _Observer:
    def __init__(self, node: Node, executor: SingleThreadedExecutor) -> None:
        self._node = node
        self._executor = executor
        self._heard: dict[str, Heard] = {}
        self._statuses: dict[str, Status] = {}
        self._clock = 0
        self._questions: list[_Question] = []

    def observe(self, seconds: float) -> Snapshot:
        self._node.create_subscription(
            DiagnosticArray, DIAGNOSTICS_TOPIC.name, self._on_diagnostics, DEPTH
        )
        self._node.create_subscription(Clock, '/clock', self._on_clock, _SENSOR_DATA)
        self._discover()
        ours = self._our_nodes()
        answers = {name: self._ask(name) for name in ours}
        for topic, kind in self._topics():
            if kind in _LISTENED and self._is_of_interest(topic, kind, ours):
                self._listen(topic, kind)
        self._spin(seconds)
        publishers, subscriptions = self._endpoints()
        nodes = tuple(
            NodeState(name, state(), sim_time()) for name, (state, sim_time) in answers.items()
        )
        return Snapshot(
            seconds=seconds,
            publishers=tuple(publishers),
            subscriptions=tuple(subscriptions),
            nodes=nodes,
            heard=self._heard,
            statuses=tuple(self._statuses.values()),
            clock=self._clock,
        )

    def _discover(self) -> None:
        """Wait until nodes of fer_ros and no further nodes appear, or until the time limit."""
        start = changed = time.monotonic()
        known: object = None
        while (now := time.monotonic()) - start < LONGEST_DISCOVERY and not (
            now - changed > SETTLED and self._our_nodes()
        ):
            self._spin(0.2)
            seen = (self._node.get_node_names_and_namespaces(), self._topics(), self._endpoints())
            if seen != known:
                known, changed = seen, time.monotonic()

    def _spin(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            for question in self._questions:
                question.ask()
            self._executor.spin_once(timeout_sec=min(left, 0.1))

    def _our_nodes(self) -> list[str]:
        return sorted(
            {
                f'{namespace.rstrip("/")}/{name}'
                for name, namespace in self._node.get_node_names_and_namespaces()
                if name in NODES
            }
        )

    def _topics(self) -> list[tuple[str, str]]:
        return [
            (topic, kind)
            for topic, kinds in self._node.get_topic_names_and_types()
            for kind in kinds
        ]

    def _is_of_interest(self, topic: str, kind: str, ours: list[str]) -> bool:
        """Return whether to subscribe to a topic. Images are needed only by nodes of fer_ros."""
        if kind not in _IMAGES:
            return True
        return any(
            _full_name(info) in ours for info in self._node.get_subscriptions_info_by_topic(topic)
        )

    def _endpoints(self) -> tuple[list[Endpoint], list[Endpoint]]:
        publishers, subscriptions = [], []
        for topic in sorted({topic for topic, _ in self._topics()}):
            publishers += [
                _endpoint(topic, info) for info in self._node.get_publishers_info_by_topic(topic)
            ]
            subscriptions += [
                _endpoint(topic, info)
                for info in self._node.get_subscriptions_info_by_topic(topic)
            ]
        mine = self._node.get_fully_qualified_name()
        return (
            [entry for entry in publishers if entry.node != mine],
            [entry for entry in subscriptions if entry.node != mine],
        )

    def _ask(self, name: str) -> tuple[Callable[[], str | None], Callable[[], bool | None]]:
        """Request the state and the clock of a node.

        Return two functions that return the answers.
        """
        state = _Question(
            self._node.create_client(GetState, f'{name}/get_state'), GetState.Request()
        )
        parameters = _Question(
            self._node.create_client(GetParameters, f'{name}/get_parameters'),
            GetParameters.Request(names=['use_sim_time']),
        )
        self._questions += [state, parameters]

        def state_now() -> str | None:
            answer = state.answer()
            return None if answer is None else str(answer.current_state.label)

        def sim_time_now() -> bool | None:
            answer = parameters.answer()
            return None if answer is None else bool(answer.values[0].bool_value)

        return state_now, sim_time_now

    def _listen(self, topic: str, kind: str) -> None:
        heard = self._heard[topic] = Heard()
        counter = SequenceCounter()

        def note(message: Any, info: Mapping[str, int | None]) -> None:
            heard.received += 1
            heard.lost += counter.lost(info, self._node.count_publishers(topic)) or 0
            stamp = stamp_from_time(message.header.stamp)
            heard.stamped = stamp != 0
            heard.age = (time.time_ns() - stamp) / S_TO_NS
            if kind in _IMAGES:
                heard.size = len(message.data)
                heard.encoding = getattr(message, 'encoding', '')
            else:
                heard.faces = len(message.faces)

        package, _, name = kind.split('/')
        self._node.create_subscription(
            message_type(f'{package}/{name}'), topic, with_info(note), _SENSOR_DATA
        )

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            if status.name.endswith(STATUS_SUFFIX):
                self._statuses[status.name] = Status(
                    status.name.partition(':')[0],
                    int.from_bytes(status.level, 'little'),
                    status.message,
                )

    def _on_clock(self, message: Clock) -> None:
        self._clock += 1


def _full_name(info: Any) -> str:
    return f'{info.node_namespace.rstrip("/")}/{info.node_name}'


def _endpoint(topic: str, info: Any) -> Endpoint:
    profile = info.qos_profile
    best_effort = profile.reliability == ReliabilityPolicy.BEST_EFFORT
    latched = profile.durability == DurabilityPolicy.TRANSIENT_LOCAL
    return Endpoint(
        _full_name(info),
        topic,
        info.topic_type,
        'best_effort' if best_effort else 'reliable',
        'transient_local' if latched else 'volatile',
        bytes(info.endpoint_gid),
    )

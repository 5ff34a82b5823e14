"""The base of all nodes: lifecycle with reasons, parameters, diagnostics."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Sequence
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.clock import Clock, ClockType
from rclpy.publisher import Publisher
from rclpy.qos_overriding_options import QoSOverridingOptions
from rclpy.subscription import Subscription
from rclpy.timer import Timer

from fer_ros.core.errors import FerError, PrivacyError
from fer_ros.core.types import S_TO_NS
from fer_ros.ros import messages
from fer_ros.ros.base.clocks import OTHER_CLOCK, comes_from_another_host
from fer_ros.ros.base.diagnostics import ERROR, OK, WARN, Condition, Statistics, status
from fer_ros.ros.base.lifecycle import ReasonedLifecycleNode
from fer_ros.ros.base.parameters import NodeParameters
from fer_ros.ros.base.qos import qos_profile
from fer_ros.ros.base.subscriptions import Subscriptions
from fer_ros.ros.contract import DIAGNOSTICS_TOPIC, NodeContract, Topic

#: Seconds by which a stamp may be ahead of a simulated clock: the clock advances in steps, and an
#: image may arrive before the /clock message of its time.
SIMULATED_STEP = 1.0

#: Why the clock of a node stays at 0.
NO_CLOCK = (
    'use_sim_time is true, but no program publishes /clock: start the simulator or ros2 bag play '
    '--clock, or set use_sim_time to false'
)

#: The hardware in diagnostics: the name of the machine.
HOST = socket.gethostname()


class FerNode(ReasonedLifecycleNode):
    """A lifecycle node with the topics, parameters and diagnostics of its contract."""

    def __init__(self, contract: NodeContract, **kwargs: Any) -> None:
        super().__init__(contract.name, **kwargs)
        self.contract = contract
        self._contract_publishers: list[Publisher] = []
        self.statistics = Statistics()
        self._own_subscriptions = Subscriptions(self)
        self.parameters = NodeParameters(
            self,
            contract.parameters,
            self.check_parameters,
            self._parameters_changed,
            self.is_configured,
        )
        self._diagnostics_publisher = super().create_publisher(
            DiagnosticArray,
            DIAGNOSTICS_TOPIC.name,
            qos_profile(DIAGNOSTICS_TOPIC.qos),
            qos_overriding_options=QoSOverridingOptions.with_default_policies(),
        )
        self.repeat(1.0, self._publish_diagnostics)

    # Subclasses override these, and the transitions.

    def check_parameters(self, values: dict[str, Any]) -> None:
        """Check values that must match each other.

        Raises:
            ValueError: They do not match.
        """

    def apply_parameters(self) -> None:
        """Apply the values of self.parameters. Called while the node is configured."""

    def condition(self) -> Condition:
        """Return the condition of the node while it is active and has no fault."""
        return Condition(OK, 'active')

    def values(self) -> dict[str, str]:
        """Return the values that the node adds to its diagnostics."""
        return {}

    # Subclasses call these.

    @property
    def is_private(self) -> bool:
        """Return whether images must stay in this process."""
        return bool(self.parameters.values().get('privacy'))

    def require_private_way(self, sinks: Sequence[object]) -> None:
        """Check that a node in this process takes the images if they must stay in it.

        Raises:
            PrivacyError: No node takes them.
        """
        if self.is_private and not sinks:
            raise PrivacyError(
                'privacy keeps pictures inside this process, but no other node in it uses them: '
                'start pipeline.launch.py privacy:=true, or the executable single_process'
            )

    def full_topic_name(self, name: str) -> str:
        """Return the full name of a topic of the contract. '' if it has no fixed name."""
        if name.startswith('<'):
            name = str(self.parameters[name.strip('<>')])
        if not name or '<' in name:
            return ''
        return str(self.resolve_topic_name(self.name_to_create(name)))

    def name_to_create(self, name: str) -> str:
        """Return the name to create a topic of the contract with.

        By the convention of image_transport, image_raw/compressed is below image_raw. It is also
        there if only image_raw is remapped.
        """
        base, _, rest = name.rpartition('/')
        topics = (*self.contract.publishes, *self.contract.subscribes)
        if not any(topic.name == base for topic in topics):
            return name
        if self._is_remapped(name) or not self._is_remapped(base):
            return name
        return f'{self.resolve_topic_name(base)}/{rest}'

    def _is_remapped(self, name: str) -> bool:
        return bool(
            self.resolve_topic_name(name) != self.resolve_topic_name(name, only_expand=True)
        )

    def create_contract_publisher(self, name: str) -> Publisher:
        """Return a lifecycle publisher of the contract. Cleanup destroys it.

        Raises:
            PrivacyError: The topic has images, and images must stay in this process.
        """
        topic = self.contract.topic(name)
        if topic.picture and self.is_private:
            raise PrivacyError(
                f'{topic.name} carries pictures, but privacy keeps them inside the process: do '
                f'not start {self.get_name()}, or start without privacy'
            )
        publisher = self.create_lifecycle_publisher(
            messages.message_type(topic.type),
            self.name_to_create(topic.name),
            qos_profile(topic.qos),
            qos_overriding_options=QoSOverridingOptions.with_default_policies(),
        )
        self._contract_publishers.append(publisher)
        return publisher

    def subscribe(
        self,
        topic: Topic | str,
        callback: Callable[..., None],
        past_executor: bool = False,
    ) -> Subscription:
        """Return a subscription of the contract. Deactivation destroys it.

        Args:
            topic: Topic of the contract, or its name there.
            callback: Called with the message, and with its info if it has two parameters. A
                message with which it fails is reported, counted and omitted.
            past_executor: Call it on a separate thread (see base/receiver.py), always with the
                info. The messages of other subscriptions on that thread wait for it.
        """
        if isinstance(topic, str):
            topic = self.contract.topic(topic)
        return self._own_subscriptions.add(topic, callback, past_executor)

    def unsubscribe(self, subscription: Subscription) -> None:
        """End a subscription before the node is deactivated."""
        self._own_subscriptions.remove(subscription)

    def pass_on(self, sinks: Sequence[Callable[..., None]], *items: object) -> None:
        """Pass items to nodes in this process. One that fails does not keep them from the others.

        Args:
            sinks: Functions of these nodes, which take the items.
        """
        for sink in sinks:
            try:
                sink(*items)
            except Exception:
                self.statistics.count('failed_to_pass_on')
                self.log_traceback('another node in this process failed on a result')

    def repeat(self, period: float, callback: Callable[[], None]) -> Timer:
        """Return a timer that calls a function every `period` seconds.

        It does not use the clock of the node, which stops with use_sim_time and without /clock.
        """
        return self.create_timer(period, callback, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def now(self) -> int:
        """Return the time of the clock of the node in nanoseconds."""
        clock = self.get_clock()
        # Not simulated, it is the clock of the system, which rclpy reads in several steps.
        return int(clock.now().nanoseconds) if clock.ros_time_is_active else time.time_ns()

    def latency(self, stamp: int) -> float:
        """Return the seconds since a stamp in nanoseconds, by the clock of the node."""
        seconds = (self.now() - stamp) / S_TO_NS
        if -SIMULATED_STEP < seconds < 0 and self.get_clock().ros_time_is_active:
            return 0.0
        return seconds

    def clock_note(self, subscription: Subscription | None) -> dict[str, str]:
        """Return a note about the clock of the stamps, for readers of latencies."""
        if subscription is None or self.state_label != 'active':
            return {}
        elsewhere = comes_from_another_host(self, subscription.topic_name, DIAGNOSTICS_TOPIC.name)
        return {'clock': OTHER_CLOCK} if elsewhere else {}

    def stop_working(self) -> None:
        """End the subscriptions and deactivate."""
        self._own_subscriptions.remove_all()
        super().stop_working()

    def release(self) -> None:
        """Clean up and destroy the publishers."""
        try:
            super().release()
        finally:
            while self._contract_publishers:
                self.destroy_lifecycle_publisher(self._contract_publishers.pop())
            self.forget_destroyed()

    def forget_destroyed(self) -> None:
        """Drop the references that rclpy keeps to destroyed entities.

        rclpy never removes a timer, a subscription, or an event handler from its callback group.
        Call this after you destroy one.
        """
        entities = self.default_callback_group.entities
        entities -= {reference for reference in entities if reference() is None}

    def _parameters_changed(self) -> None:
        if not self.is_configured():
            return
        try:
            self.apply_parameters()
        except Exception as error:
            # The value is already set, and raising the error would end the process.
            self.report_fault(f'cannot apply the new parameters: {error}')
            if not isinstance(error, FerError):
                self.log_traceback('cannot apply the new parameters')

    def _condition(self) -> Condition:
        passed = self._faults.take_passed()
        if self.fault:
            return Condition(ERROR, self.fault)
        if passed:
            return Condition(WARN, f'for a moment: {passed}')
        if self.state_label != 'active':
            return Condition(OK, self.state_label)
        clock = self.get_clock()
        if clock.ros_time_is_active and not clock.now().nanoseconds:
            self.get_logger().warning(NO_CLOCK, once=True)
            return Condition(WARN, NO_CLOCK)
        return self.condition()

    def _publish_diagnostics(self) -> None:
        values = {'state': self.state_label, **self.values(), **self.statistics.report()}
        message = DiagnosticArray()
        message.header.stamp = self.get_clock().now().to_msg()
        message.status = [
            status(self.get_fully_qualified_name().lstrip('/'), HOST, self._condition(), values)
        ]
        self._diagnostics_publisher.publish(message)

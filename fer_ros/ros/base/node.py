"""What every node shares: lifecycle with reasons, parameters, diagnostics."""

from __future__ import annotations

import functools
import logging
import re
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from lifecycle_msgs.msg import State
from rclpy.callback_groups import CallbackGroup
from rclpy.clock import Clock, ClockType
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.publisher import Publisher
from rclpy.qos_overriding_options import QoSOverridingOptions
from rclpy.subscription import Subscription

from fer_ros.core.errors import FerError, PrivacyError
from fer_ros.core.redaction import redact
from fer_ros.ros import messages
from fer_ros.ros.base.clocks import OTHER_CLOCK, comes_from_another_host
from fer_ros.ros.base.diagnostics import ERROR, OK, WARN, Condition, Statistics, status
from fer_ros.ros.base.memory import give_back_memory
from fer_ros.ros.base.parameters import NodeParameters
from fer_ros.ros.base.qos import qos_profile
from fer_ros.ros.contract import DIAGNOSTICS_TOPIC, NodeContract, Topic

#: What diagnostics name as the hardware: the machine.
HOST = socket.gethostname()

#: Seconds between two equal log lines of a fault that repeats with every frame.
LOG_PERIOD = 5.0


class FerNode(LifecycleNode):
    """A lifecycle node by its contract.

    Subclasses implement configure(), activate(), deactivate(), cleanup(). A FerError in configure
    or activate is logged and refuses the transition; anything else is logged with its traceback
    and takes the node back to unconfigured.
    """

    def __init__(self, contract: NodeContract, **kwargs: Any) -> None:
        super().__init__(contract.name, **kwargs)
        self.contract = contract
        self._contract_publishers: list[Publisher] = []
        self.statistics = Statistics()
        self._fault = self._untold_fault = ''
        self._bad_message = False
        self._logged_faults: dict[str, float] = {}
        self.parameters = NodeParameters(
            self,
            contract.parameters,
            self.check_parameters,
            self._parameters_changed,
            self._is_configured,
        )
        self._answer_impossible_transitions()
        self._diagnostics_publisher = super().create_publisher(
            DiagnosticArray,
            DIAGNOSTICS_TOPIC.name,
            qos_profile(DIAGNOSTICS_TOPIC.qos),
            qos_overriding_options=QoSOverridingOptions.with_default_policies(),
        )
        # Not by the node's clock: with use_sim_time it stands still where no /clock comes.
        self.create_timer(
            1.0, self._publish_diagnostics, clock=Clock(clock_type=ClockType.STEADY_TIME)
        )

    # What subclasses fill in.

    def configure(self) -> None:
        """Load what is needed and create publishers."""

    def activate(self) -> None:
        """Begin to work."""

    def deactivate(self) -> None:
        """Stop working and release devices. Called also from an error: must not assume much."""

    def cleanup(self) -> None:
        """Let go of what configure() made, contract publishers apart. Called also from errors."""

    def check_parameters(self, values: dict[str, Any]) -> None:
        """Raise ValueError when these values do not go together."""

    def apply_parameters(self) -> None:
        """Take over the values of self.parameters; called while configured."""

    def condition(self) -> Condition:
        """Return how the node is while it is active and nothing failed."""
        return Condition(OK, 'active')

    def values(self) -> dict[str, str]:
        """Return what the node adds to its diagnostics."""
        return {}

    # What subclasses use.

    @property
    def state_label(self) -> str:
        """Return the lifecycle state: unconfigured, inactive, active, finalized."""
        return str(self._state_machine.current_state[1])

    @property
    def is_private(self) -> bool:
        """Return whether no picture may leave the process."""
        return bool(self.parameters.values().get('privacy'))

    def require_private_way(self, sinks: Sequence[object]) -> None:
        """Raise PrivacyError where pictures stay in this process and nothing here takes them."""
        if self.is_private and not sinks:
            raise PrivacyError(
                'privacy keeps pictures in this process, and no other node in it takes them: '
                'start pipeline.launch.py privacy:=true, or the executable single_process'
            )

    def create_contract_publisher(self, topic: Topic) -> Publisher:
        """Create a lifecycle publisher by the contract; it goes when the node is cleaned up.

        Raises PrivacyError for a topic of pictures while they are to stay in this process.
        """
        if topic.picture and self.is_private:
            raise PrivacyError(
                f'{topic.name} carries pictures, and privacy lets none leave the process: do '
                f'without {self.get_name()}, or start without privacy'
            )
        publisher = self.create_lifecycle_publisher(
            messages.message_type(topic.type),
            topic.name,
            qos_profile(topic.qos),
            qos_overriding_options=QoSOverridingOptions.with_default_policies(),
        )
        self._contract_publishers.append(publisher)
        return publisher

    def create_contract_subscription(
        self,
        topic: Topic,
        callback: Callable[..., None],
        callback_group: CallbackGroup | None = None,
    ) -> Subscription:
        """Create a subscription by the contract. Bad messages are reported and left out."""
        return self.create_subscription(
            messages.message_type(topic.type),
            topic.name,
            self._guarded(callback, topic.name),
            qos_profile(topic.qos),
            qos_overriding_options=QoSOverridingOptions.with_default_policies(),
            callback_group=callback_group,
        )

    def _guarded(self, callback: Callable[..., None], topic: str) -> Callable[..., None]:
        """Return a callback with which no message can end the process, whatever is in it."""

        @functools.wraps(callback)
        def take(*arguments: Any) -> None:
            try:
                callback(*arguments)
            except Exception as error:
                self._bad_message = True
                self.statistics.count('bad_messages')
                if isinstance(error, FerError):
                    self.report_fault(str(error))
                else:
                    self.report_fault(f'{type(error).__name__}: {error}')
                    logging.getLogger(__name__).exception('a message on %s failed', topic)
            else:
                if self._bad_message:
                    self._bad_message = False
                    self.clear_fault()

        return take

    def latency(self, stamp: int) -> float:
        """Return seconds from a stamp in nanoseconds until now, by the node's clock."""
        return float(self.get_clock().now().nanoseconds - stamp) * 1e-9

    def clock_note(self, subscription: Subscription | None) -> dict[str, str]:
        """Return what a reader of latencies must know of the stamps a subscription brings."""
        if subscription is None or self.state_label != 'active':
            return {}
        elsewhere = comes_from_another_host(self, subscription.topic_name, DIAGNOSTICS_TOPIC.name)
        return {'clock': OTHER_CLOCK} if elsewhere else {}

    def report_fault(self, message: str) -> None:
        """Log a fault, equal ones every few seconds, and show it in diagnostics until cleared."""
        message = redact(message)
        self._fault = self._untold_fault = message
        now = time.monotonic()
        # Texts that differ in their numbers alone are equal: sizes change with every image.
        kind = re.sub(r'\d+', '', message)
        self._logged_faults = {
            kind: logged
            for kind, logged in self._logged_faults.items()
            if now - logged < LOG_PERIOD
        }
        if kind not in self._logged_faults:
            self._logged_faults[kind] = now
            self.get_logger().error(message)

    def clear_fault(self) -> None:
        """Forget the fault: the node works."""
        self._fault = ''

    # Lifecycle: rclpy swallows exceptions of transition callbacks, so each is caught here.

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Run configure() and log why it failed."""
        result = self._attempt('configure', self.configure, self._clean_up)
        if result == TransitionCallbackReturn.SUCCESS:
            return super().on_configure(state)
        return result

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Run activate() and log why it failed."""
        # Publishers first: activate() may start a thread that publishes.
        super().on_activate(state)
        result = self._attempt('activate', self.activate, self.deactivate)
        if result != TransitionCallbackReturn.SUCCESS:
            super().on_deactivate(state)
        return result

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Run deactivate()."""
        result = self._attempt('deactivate', self.deactivate, None)
        super().on_deactivate(state)
        return result

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Run cleanup(); what the node took is the system's again."""
        result = self._attempt('cleanup', self._clean_up, None)
        super().on_cleanup(state)
        give_back_memory()
        return result

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop and release everything, in any state."""
        self._release()
        return super().on_shutdown(state)

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Let go of everything; the node is unconfigured and can be configured again."""
        fault = self._fault
        self._release()
        self._fault = fault
        return TransitionCallbackReturn.SUCCESS

    def autostart(self) -> None:
        """Configure and activate, as far as that goes."""
        if self.trigger_configure() == TransitionCallbackReturn.SUCCESS:
            self.trigger_activate()

    def destroy_node(self) -> None:
        """Stop threads and devices before the node goes."""
        self._release()
        super().destroy_node()

    def _clean_up(self) -> None:
        try:
            self.cleanup()
        finally:
            while self._contract_publishers:
                self.destroy_lifecycle_publisher(self._contract_publishers.pop())
            self._forget_destroyed()

    def _forget_destroyed(self) -> None:
        """Drop what rclpy keeps of entities that are gone.

        It never takes the event handlers of a destroyed publisher from their callback group: 2 KB
        for each life of a node.
        """
        entities = self.default_callback_group.entities
        entities -= {reference for reference in entities if reference() is None}

    def _release(self) -> None:
        for step in (self.deactivate, self._clean_up):
            self._attempt('shut down', step, None)

    def _attempt(
        self,
        transition: str,
        step: Callable[[], None],
        undo: Callable[[], None] | None,
    ) -> TransitionCallbackReturn:
        try:
            step()
        except FerError as error:
            self._fault = f'cannot {transition}: {error}'
            self.get_logger().error(self._fault)
            result = TransitionCallbackReturn.FAILURE
        except Exception as error:
            self._fault = f'cannot {transition}: {type(error).__name__}: {error}'
            logging.getLogger(__name__).exception('cannot %s', transition)
            result = TransitionCallbackReturn.ERROR
        else:
            self._fault = ''
            return TransitionCallbackReturn.SUCCESS
        if undo is not None:
            fault = self._fault
            self._attempt('undo a failed transition', undo, None)
            self._fault = fault
        return result

    def _answer_impossible_transitions(self) -> None:
        """Answer success: false to a transition the state does not have.

        rclpy raises in the service callback instead, which would end the process.
        """
        service = self._service_change_state
        change_state = service.callback

        def answer(request: Any, response: Any) -> Any:
            try:
                return change_state(request, response)
            except Exception as error:
                self.get_logger().warning(
                    f'transition {request.transition.label or request.transition.id} is not '
                    f'possible while {self.state_label}: {error}'
                )
                response.success = False
                return response

        service.callback = answer

    def _is_configured(self) -> bool:
        return self._state_machine.current_state[0] not in (
            State.PRIMARY_STATE_UNKNOWN,
            State.PRIMARY_STATE_UNCONFIGURED,
        )

    def _parameters_changed(self) -> None:
        if not self._is_configured():
            return
        try:
            self.apply_parameters()
        except FerError as error:
            # The value is set already; raised further, the error would end the process.
            self.report_fault(f'cannot apply the new parameters: {error}')

    def _condition(self) -> Condition:
        if self._fault:
            return Condition(ERROR, self._fault)
        if self._untold_fault:
            # It came and went since the last status.
            return Condition(WARN, f'for a moment: {self._untold_fault}')
        if self.state_label != 'active':
            return Condition(OK, self.state_label)
        return self.condition()

    def _publish_diagnostics(self) -> None:
        values = {'state': self.state_label, **self.values(), **self.statistics.report()}
        message = DiagnosticArray()
        message.header.stamp = self.get_clock().now().to_msg()
        message.status = [
            status(self.get_fully_qualified_name().lstrip('/'), HOST, self._condition(), values)
        ]
        self._untold_fault = ''
        self._diagnostics_publisher.publish(message)

"""The subscriptions of a node by its contract. No message can end the process."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from rclpy.qos_overriding_options import QoSOverridingOptions
from rclpy.subscription import Subscription

from fer_ros.core.errors import FerError
from fer_ros.ros import messages
from fer_ros.ros.base.distributions import with_info
from fer_ros.ros.base.qos import qos_profile
from fer_ros.ros.base.receiver import LeftToReceiver, Receiver
from fer_ros.ros.contract import Topic


class Subscriptions:
    """Creates and owns the subscriptions of a node."""

    def __init__(self, node: Any) -> None:
        """Create subscriptions of this FerNode."""
        self._node = node
        self._receiver = Receiver(node)
        self._kept: list[Subscription] = []
        self._bad_message = False

    def add(
        self, topic: Topic, callback: Callable[..., None], past_executor: bool
    ) -> Subscription:
        """Return a new subscription. A bad message is reported, counted and omitted.

        Args:
            topic: From the contract.
            callback: Called with the message, and with its info if it has two parameters.
            past_executor: Call it on the thread of the receiver, always with the info.
        """
        subscription = self._node.create_subscription(
            messages.message_type(topic.type),
            topic.name,
            self._guarded(callback, topic.name),
            qos_profile(topic.qos),
            qos_overriding_options=QoSOverridingOptions.with_default_policies(),
            callback_group=LeftToReceiver() if past_executor else None,
        )
        self._kept.append(subscription)
        if past_executor:
            self._receiver.add(subscription)
        return subscription

    def remove(self, subscription: Subscription) -> None:
        """Destroy a subscription, unless it is already destroyed."""
        if subscription in self._kept:
            self._receiver.remove(subscription)
            self._kept.remove(subscription)
            self._node.destroy_subscription(subscription)
            self._node.forget_destroyed()

    def remove_all(self) -> None:
        """Destroy all subscriptions. No callback runs on the thread of the receiver afterwards."""
        self._receiver.remove_all()
        while self._kept:
            self._node.destroy_subscription(self._kept.pop())
        self._node.forget_destroyed()

    def _guarded(self, callback: Callable[..., None], topic: str) -> Callable[..., None]:
        """Return a callback that logs errors, so that no message can end the process."""
        callback = with_info(callback)

        @functools.wraps(callback)
        def take(*arguments: Any) -> None:
            try:
                callback(*arguments)
            except Exception as error:
                self._bad_message = True
                self._node.statistics.count('bad_messages')
                if isinstance(error, FerError):
                    self._node.report_fault(str(error))
                else:
                    self._node.report_fault(f'{type(error).__name__}: {error}')
                    self._node.log_traceback(f'a message on {topic} failed')
            else:
                if self._bad_message:
                    self._bad_message = False
                    self._node.clear_fault()

        return take

"""Receives the messages of each frame on a separate thread, without the executor.

An executor of rclpy checks all services and timers of a node before and after each message. It
does that in Python, and the worker with the frame must wait. In three processes, this took 0.6 ms
of latency in each and 4 % of a core. While there is little work, the thread also processes the
frame (LatestWorker.take()).
"""

from __future__ import annotations

import threading
from typing import Any

from rclpy.callback_groups import CallbackGroup
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.subscription import Subscription

from fer_ros.core.types import S_TO_NS

#: Seconds after which a waiting receiver checks whether it must stop.
STOP_PERIOD = 0.1


class LeftToReceiver(CallbackGroup):  # type: ignore[misc]
    """Executors ignore the subscriptions in it and their events.

    An executor that waits for an event of a subscription, such as an incompatible QoS, wakes up
    for each of its messages.
    """

    def can_execute(self, entity: Any) -> bool:
        """Return whether an executor may."""
        return False

    def beginning_execution(self, entity: Any) -> bool:
        """Return whether an executor may."""
        return False

    def ending_execution(self, entity: Any) -> None:
        """Do nothing."""


class Receiver:
    """The thread that receives the messages and events of some subscriptions of a node.

    These are created in the callback group LeftToReceiver. Their callbacks run on the thread, with
    the message and its info. The other messages wait while one is working.
    """

    def __init__(self, node: Any) -> None:
        self._node = node
        self._taken: list[Subscription] = []
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()

    def add(self, subscription: Subscription) -> None:
        """Receive the messages of this subscription, too."""
        self._pause()
        self._taken.append(subscription)
        self._go_on()

    def remove(self, subscription: Subscription) -> None:
        """Stop receiving the messages of this subscription."""
        if subscription in self._taken:
            self._pause()
            self._taken.remove(subscription)
            self._go_on()

    def remove_all(self) -> None:
        """End the thread."""
        self._pause()
        self._taken.clear()

    def _pause(self) -> None:
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _go_on(self) -> None:
        if self._taken:
            self._stopping.clear()
            self._thread = threading.Thread(target=self._run, name='receiver', daemon=True)
            self._thread.start()

    def _run(self) -> None:
        context = self._node.context.handle
        events = [event for one in self._taken for event in one.event_handlers]
        with context:
            wait_set = rclpy_implementation.WaitSet(
                len(self._taken), 0, 0, 0, 0, len(events), context
            )
            while not self._stopping.is_set() and self._node.context.ok():
                wait_set.clear_entities()
                for subscription in self._taken:
                    wait_set.add_subscription(subscription.handle)
                for event in events:
                    event.add_to_wait_set(wait_set)
                wait_set.wait(int(STOP_PERIOD * S_TO_NS))
                ready = wait_set.get_ready_entities('subscription')
                for subscription in self._taken:
                    if subscription.handle.pointer in ready:
                        self._take(subscription)
                for event in events:
                    if event.is_ready(wait_set):
                        self._report(event)

    def _take(self, subscription: Subscription) -> None:
        try:
            taken = subscription.handle.take_message(subscription.msg_type, False)
            if taken is not None:
                subscription.callback(*taken)
        except Exception:
            self._node.log_traceback(f'a message on {subscription.topic_name} failed')

    def _report(self, event: Any) -> None:
        data = event.take_data()
        if data:
            event.callback(data)

"""Arrival of messages on a topic of frames: silence, several publishers, losses, stamps."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from rclpy.subscription import Subscription

from fer_ros.core.stamp_order import UsableStamps
from fer_ros.ros import messages
from fer_ros.ros.base.diagnostics import LossRate, SequenceCounter
from fer_ros.ros.base.node import FerNode
from fer_ros.ros.contract import Topic

#: Seconds without a message after which diagnostics warn.
SILENCE = 2.0

#: Seconds between two checks for faces that have left while no message arrives.
EXPIRY_PERIOD = 0.1

#: Largest difference of the times of arrival of an image without a stamp at two nodes,
#: nanoseconds.
ARRIVAL_TOLERANCE = 30_000_000

#: Seconds for which diagnostics show a fault of a stamp after the last one.
_STAMP_FAULT_SHOWN = 2.0

#: Seconds between two log lines about lost messages. The share of lost ones often varies around
#: the limit.
_LOSS_LOG_PERIOD = 60.0


class Arrivals:
    """Subscribes to a topic of frames, monitors its messages, and corrects their stamps.

    One thread may write to it and another read from it.

    Args:
        node: Has the subscription.
        what: Name of the messages in texts, such as 'images'.
        mixed_remedy: Remedy for several publishers.
        lost_remedy: Remedy for lost messages.
    """

    def __init__(
        self,
        node: FerNode,
        what: str,
        mixed_remedy: str,
        lost_remedy: str,
    ) -> None:
        self._node = node
        self._what = what
        self._mixed_remedy = mixed_remedy
        self._lost_remedy = lost_remedy
        self._callback: Callable[[Any], None] = lambda message: None
        self._subscription: Subscription | None = None
        self._topic_name = ''
        self._loss_log_time = -_LOSS_LOG_PERIOD
        self.restart()

    def subscribe(
        self,
        topic: Topic | str,
        callback: Callable[[Any], None],
        past_executor: bool = False,
    ) -> None:
        """Start again with a subscription. The arguments are those of FerNode.subscribe()."""
        self.restart()
        self._callback = callback
        # The first message can arrive before the subscription is returned.
        name = topic if isinstance(topic, str) else topic.name
        self._topic_name = self._node.full_topic_name(name)
        self._subscription = self._node.subscribe(topic, self._on_message, past_executor)

    def stop(self) -> None:
        """End the subscription, if there is one."""
        if self._subscription is not None:
            self._node.unsubscribe(self._subscription)
        self.restart()

    def restart(self) -> None:
        """Start again without a subscription: note_arrival() reports what arrives."""
        self._subscription = None
        self._sequence = SequenceCounter()
        self._losses = LossRate()
        self._stamps = UsableStamps()
        self._stamp_fault = self._loss = ''
        self._stamp_fault_time = 0.0
        self._last = time.monotonic()

    @property
    def are_silent(self) -> bool:
        """Return whether no message arrived for SILENCE seconds."""
        return time.monotonic() - self._last >= SILENCE

    @property
    def subscription(self) -> Subscription | None:
        """Return the monitored subscription."""
        return self._subscription

    @property
    def tolerance(self) -> int:
        """Return the largest difference of the stamps of one image between nodes, nanoseconds."""
        return ARRIVAL_TOLERANCE if self._stamps.fault else 0

    def note_arrival(self) -> None:
        """Note the arrival of an item without a subscription."""
        self._last = time.monotonic()

    def _on_message(self, message: Any, info: Mapping[str, int | None]) -> None:
        """Note a message, correct its stamp, and call the callback."""
        self.note_arrival()
        self._count_losses(info)
        self.correct_stamp(message.header)
        self._callback(message)

    def _count_losses(self, info: Mapping[str, int | None]) -> None:
        lost = None
        # Humble does not number messages.
        if info.get('publication_sequence_number') is not None:
            subscription = self._subscription
            publishers = 1 if subscription is None else subscription.get_publisher_count()
            lost = self._sequence.lost(info, publishers)
        if lost is None:
            self._node.statistics.count('losses_unknown')
        else:
            self._node.statistics.count('dropped_transport', lost)
            self._report_losses(lost)

    def correct_stamp(self, header: Any) -> None:
        """Replace an unusable stamp by the time of arrival, and report that."""
        # With use_sim_time and without /clock, the node's clock stays at 0.
        now = self._node.now() or time.time_ns()
        stamp = messages.stamp_from_time(header.stamp)
        usable = self._stamps.of(stamp, now)
        if usable == stamp:
            return
        header.stamp = messages.time_from_stamp(usable)
        self._node.statistics.count('stamped_on_arrival')
        self._stamp_fault_time = time.monotonic()
        if self._stamp_fault != self._stamps.fault:
            self._stamp_fault = self._stamps.fault
            self._node.get_logger().warning(self._about_stamps())

    def warning(self) -> str:
        """Return the fault of the messages. '' if there is none."""
        if self._sequence.are_mixed():
            assert self._subscription is not None
            text = (
                f'{self._subscription.get_publisher_count()} publish {self._topic_name}, and '
                f'their {self._what} are mixed: {self._mixed_remedy}'
            )
            self._node.get_logger().warning(text, once=True)
            return text
        if self._loss:
            return self._loss
        if self._stamp_fault and (time.monotonic() - self._stamp_fault_time < _STAMP_FAULT_SHOWN):
            return self._about_stamps()
        return ''

    def _about_stamps(self) -> str:
        return (
            f'{self._what} on {self._topic_name} {self._stamp_fault}: the time of '
            'arrival is used; configure the publisher to set header.stamp'
        )

    def _report_losses(self, lost: int) -> None:
        now = time.monotonic()
        share = self._losses.add(lost, now)
        if share is None:
            return
        self._loss = ''
        if share:
            self._loss = (
                f'{share:.0%} of the {self._what} on {self._topic_name} are lost in transit: '
                f'{self._lost_remedy}'
            )
            if now - self._loss_log_time >= _LOSS_LOG_PERIOD:
                self._loss_log_time = now
                self._node.get_logger().warning(self._loss)

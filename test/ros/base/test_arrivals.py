"""The account of the messages on a topic of frames."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

import rclpy
from support.robot import free_domain

from fer_msgs.msg import FaceArray
from fer_ros.core.types import S_TO_NS
from fer_ros.ros.base import arrivals
from fer_ros.ros.base.node import FerNode
from fer_ros.ros.contract import EMOTION_CLASSIFIER_NODE, FACES
from fer_ros.ros.messages import header


class Feed:
    """Messages at 10 Hz, which a test hands to the subscription itself."""

    def __init__(self, node: FerNode, clock: list[float]) -> None:
        self.node = node
        self.clock = clock
        self.publishers = 1
        self.received: list[FaceArray] = []
        self.arrivals = arrivals.Arrivals(node, 'messages', 'use namespaces', 'send less')
        self._number = 0
        subscription = SimpleNamespace(
            topic_name='/faces', get_publisher_count=lambda: self.publishers
        )

        def subscribe(topic: str, callback: object, past_executor: bool) -> SimpleNamespace:
            self._callback = callback
            self.send()
            return subscription

        # DDS decides when the first message arrives, so a test cannot choose that.
        node.subscribe = subscribe
        self.arrivals.subscribe(FACES, self.received.append, past_executor=True)

    def send(self, lost: int = 0) -> None:
        self._number += 1 + lost
        self.clock[0] += 0.1 * (1 + lost)
        message = FaceArray(header=header(round(self.clock[0] * S_TO_NS), 'eye'))
        self._callback(message, {'publication_sequence_number': self._number})

    def count(self, name: str) -> int:
        return int(self.node.statistics.report().get(name, 0))


@pytest.fixture
def feed(monkeypatch):
    with free_domain() as domain:
        context = rclpy.Context()
        rclpy.init(context=context, domain_id=domain)
        node = FerNode(EMOTION_CLASSIFIER_NODE, context=context)
        clock = [1000.0]
        steady = SimpleNamespace(monotonic=lambda: clock[0])
        monkeypatch.setattr(arrivals, 'time', steady)
        yield Feed(node, clock)
        node.destroy_node()
        rclpy.shutdown(context=context)


def test_a_message_that_arrives_before_the_subscription_is_returned_is_processed(feed):
    assert len(feed.received) == 1
    assert feed.count('losses_unknown') == 1
    feed.send(lost=2)
    assert len(feed.received) == 2
    assert feed.count('dropped_transport') == 2
    assert feed.count('losses_unknown') == 1


def test_with_two_publishers_each_message_counts_as_one_with_unknown_losses(feed):
    feed.publishers = 2
    for _ in range(4):
        feed.send()
    feed.publishers = 1
    feed.send(lost=7)
    feed.send(lost=1)
    assert feed.count('losses_unknown') == 1 + 4 + 1
    assert feed.count('dropped_transport') == 1


def test_losses_around_the_limit_are_logged_once_a_minute_and_shown_while_they_last(feed, capfd):
    shown = []
    for period in range(24):
        for _ in range(30):
            feed.send(lost=period % 2)
        shown.append('are lost in transit: send less' in feed.arrivals.warning())
    assert True in shown
    assert False in shown
    seconds = feed.clock[0] - 1000.0
    logged = capfd.readouterr().err.count('of the messages on /faces are lost in transit')
    assert 1 <= logged <= 1 + seconds / 60

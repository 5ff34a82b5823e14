"""What rclpy of Humble lacks: the info of a message, and the publishers of a subscription."""

from __future__ import annotations

import inspect

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

import rclpy
from rclpy.subscription import Subscription
from support.robot import free_domain

from fer_msgs.msg import FaceArray
from fer_ros.ros.base.arrivals import Arrivals
from fer_ros.ros.base.distributions import publisher_count, with_info
from fer_ros.ros.base.node import FerNode
from fer_ros.ros.contract import EMOTION_CLASSIFIER_NODE, FACES


@pytest.fixture
def node(monkeypatch):
    """A node of Humble, as far as its subscriptions are concerned."""
    monkeypatch.delattr(Subscription, 'get_publisher_count')
    with free_domain() as domain:
        context = rclpy.Context()
        rclpy.init(context=context, domain_id=domain)
        node = FerNode(EMOTION_CLASSIFIER_NODE, context=context)
        yield node
        node.destroy_node()
        rclpy.shutdown(context=context)


def test_messages_arrive_without_info_and_without_numbers(node):
    received: list[FaceArray] = []
    arrivals = Arrivals(node, 'faces', '', '')
    arrivals.subscribe(FACES, received.append)
    message = FaceArray(image_width=640)
    message.header.stamp = node.get_clock().now().to_msg()
    # The executor of Humble passes only the message, the receiver an info without numbers.
    arrivals.subscription.callback(message)
    arrivals.subscription.callback(message, {'source_timestamp': 1})
    assert received == [message, message]
    assert 'bad_messages' not in node.statistics.report()
    assert arrivals.warning() == ''
    assert publisher_count(node, arrivals.subscription) == 0


def test_rclpy_still_sees_whether_a_callback_takes_the_info():
    taken: list[object] = []

    def both(message: object, info: object) -> None:
        taken.append((message, info))

    def one(message: object, again: bool = False) -> None:
        taken.append((message, again))

    assert len(inspect.signature(with_info(both)).parameters) == 2
    with_info(both)('message')
    with_info(both)('message', 'info')
    with_info(one)('message')
    assert taken == [('message', {}), ('message', 'info'), ('message', False)]

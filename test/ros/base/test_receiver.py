"""Receiver: messages past the executor, until it is stopped."""

from __future__ import annotations

import logging
import threading
from types import SimpleNamespace

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import QoSProfile
from support.robot import free_domain

from fer_msgs.msg import FaceArray
from fer_ros.ros.base.node import FerNode
from fer_ros.ros.base.receiver import Receiver
from fer_ros.ros.contract import EMOTION_CLASSIFIER_NODE, FACES


@pytest.fixture
def pair():
    """A node with a receiver, its executor, and a publisher on the topic."""
    with free_domain() as domain:
        context = rclpy.Context()
        rclpy.init(context=context, domain_id=domain)
        node = FerNode(EMOTION_CLASSIFIER_NODE, context=context)
        executor = SingleThreadedExecutor(context=context)
        executor.add_node(node)
        receiver = Receiver(node)
        yield SimpleNamespace(
            node=node,
            executor=executor,
            receiver=receiver,
            publisher=node.create_publisher(FaceArray, FACES, QoSProfile(depth=1)),
        )
        receiver.stop()
        executor.shutdown()
        node.destroy_node()
        rclpy.shutdown(context=context)


class Inbox:
    def __init__(self) -> None:
        self.came = threading.Event()
        self.thread = ''
        self.messages: list[FaceArray] = []

    def __call__(self, message: FaceArray, info: dict[str, int]) -> None:
        self.thread = threading.current_thread().name
        self.messages.append(message)
        self.came.set()
        if message.image_width == 0:
            raise ValueError('empty')


def send_until_received(pair: SimpleNamespace, inbox: Inbox, width: int) -> None:
    inbox.came.clear()
    for _ in range(600):
        pair.publisher.publish(FaceArray(image_width=width))
        if inbox.came.wait(0.1):
            return
    raise AssertionError('nothing was received')


def test_messages_come_on_a_thread_of_its_own_though_no_executor_spins(pair):
    inbox = Inbox()
    pair.receiver.subscribe(EMOTION_CLASSIFIER_NODE.topic(FACES), inbox)
    pair.receiver.start()
    send_until_received(pair, inbox, 640)
    assert inbox.messages[-1].image_width == 640
    assert inbox.thread == 'receiver'


def test_an_executor_that_spins_takes_none_of_them(pair):
    inbox = Inbox()
    pair.receiver.subscribe(EMOTION_CLASSIFIER_NODE.topic(FACES), inbox)
    pair.publisher.publish(FaceArray())
    for _ in range(20):
        pair.executor.spin_once(timeout_sec=0.01)
    assert inbox.messages == []


def test_a_callback_that_fails_is_logged_and_the_next_message_comes(pair, caplog):
    inbox = Inbox()
    pair.receiver.subscribe(EMOTION_CLASSIFIER_NODE.topic(FACES), inbox)
    pair.receiver.start()
    with caplog.at_level(logging.ERROR, logger='fer_ros'):
        send_until_received(pair, inbox, 0)
        send_until_received(pair, inbox, 640)
    assert any('faces failed' in record.getMessage() for record in caplog.records)


def test_after_stop_there_is_no_subscription_and_it_can_start_again(pair):
    for _ in range(2):
        inbox = Inbox()
        pair.receiver.subscribe(EMOTION_CLASSIFIER_NODE.topic(FACES), inbox)
        pair.receiver.start()
        send_until_received(pair, inbox, 640)
        pair.receiver.stop()
        assert list(pair.node.subscriptions) == []
    pair.receiver.stop()

"""Subscriptions that bypass the executor, until they are removed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

import rclpy
from rcl_interfaces.msg import Log
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from support.robot import free_domain

from fer_msgs.msg import FaceArray
from fer_ros.ros.base.node import FerNode
from fer_ros.ros.base.subscriptions import Subscriptions
from fer_ros.ros.contract import EMOTION_CLASSIFIER_NODE, FACES

TOPIC = EMOTION_CLASSIFIER_NODE.topic(FACES)


@pytest.fixture
def pair():
    """A node with a receiver, its executor, and a publisher on the topic."""
    with free_domain() as domain:
        context = rclpy.Context()
        rclpy.init(context=context, domain_id=domain)
        node = FerNode(EMOTION_CLASSIFIER_NODE, context=context)
        executor = SingleThreadedExecutor(context=context)
        executor.add_node(node)
        subscriptions = Subscriptions(node)
        yield SimpleNamespace(
            node=node,
            executor=executor,
            subscriptions=subscriptions,
            publisher=node.create_publisher(FaceArray, FACES, QoSProfile(depth=1)),
        )
        subscriptions.remove_all()
        executor.shutdown()
        node.destroy_node()
        rclpy.shutdown(context=context)


class Inbox:
    def __init__(self) -> None:
        self.came = threading.Event()
        self.threads: set[str] = set()
        self.messages: list[FaceArray] = []

    def __call__(self, message: FaceArray, info: dict[str, int]) -> None:
        self.threads.add(threading.current_thread().name)
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


def test_messages_arrive_on_a_separate_thread_without_an_executor(pair):
    inbox = Inbox()
    pair.subscriptions.add(TOPIC, inbox, past_executor=True)
    send_until_received(pair, inbox, 640)
    assert inbox.messages[-1].image_width == 640
    assert inbox.threads == {'receiver'}


def test_a_spinning_executor_takes_no_messages(pair):
    inbox = Inbox()
    pair.subscriptions.add(TOPIC, inbox, past_executor=True)
    for _ in range(20):
        pair.publisher.publish(FaceArray(image_width=640))
        pair.executor.spin_once(timeout_sec=0.01)
    send_until_received(pair, inbox, 640)
    assert inbox.threads == {'receiver'}


def test_an_executor_does_not_wait_for_events_because_messages_would_wake_it_up(pair):
    subscription = pair.subscriptions.add(TOPIC, Inbox(), past_executor=True)
    assert subscription.event_handlers
    assert not any(map(pair.executor.can_execute, subscription.event_handlers))


def spin_until(pair: SimpleNamespace, condition: Callable[[], bool]) -> None:
    for _ in range(600):
        pair.executor.spin_once(timeout_sec=0.1)
        if condition():
            return
    raise AssertionError('it never happened')


def test_a_failing_callback_is_logged_on_rosout_and_the_next_message_arrives(pair):
    logs: list[Log] = []
    latched = QoSProfile(depth=100, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    pair.node.create_subscription(Log, '/rosout', logs.append, latched)
    inbox = Inbox()
    pair.subscriptions.add(TOPIC, inbox, past_executor=True)
    send_until_received(pair, inbox, 0)
    send_until_received(pair, inbox, 640)
    spin_until(pair, lambda: any('a message on faces failed' in log.msg for log in logs))
    (log,) = [log for log in logs if 'Traceback' in log.msg][:1]
    assert log.name == pair.node.get_name()
    assert 'ValueError: empty' in log.msg


def test_a_publisher_with_incompatible_qos_is_reported(pair, capfd):
    pair.node.create_publisher(
        FaceArray, FACES, QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
    )
    reliable = replace(TOPIC, qos=replace(TOPIC.qos, reliability='reliable'))
    pair.subscriptions.add(reliable, Inbox(), past_executor=True)
    spin_until(pair, lambda: 'offering incompatible QoS' in capfd.readouterr().err)


@pytest.mark.parametrize('past_executor', [False, True])
def test_nothing_remains_of_subscriptions_that_were_removed(pair, past_executor):
    kept = pair.node.default_callback_group.entities
    before = len(kept)
    for _ in range(5):
        pair.subscriptions.remove(pair.subscriptions.add(TOPIC, Inbox(), past_executor))
    pair.subscriptions.add(TOPIC, Inbox(), past_executor)
    pair.subscriptions.remove_all()
    assert len(kept) == before


def test_a_removed_subscription_ends_and_another_continues(pair):
    for _ in range(2):
        gone, stays = Inbox(), Inbox()
        subscription = pair.subscriptions.add(TOPIC, gone, past_executor=True)
        pair.subscriptions.add(TOPIC, stays, past_executor=True)
        send_until_received(pair, gone, 640)
        pair.subscriptions.remove(subscription)
        pair.subscriptions.remove(subscription)
        gone.messages.clear()
        send_until_received(pair, stays, 640)
        assert gone.messages == []
        pair.subscriptions.remove_all()
        assert list(pair.node.subscriptions) == []


def test_deactivating_a_node_ends_its_subscriptions(pair):
    pair.node.trigger_configure()
    pair.node.trigger_activate()
    for past_executor in (False, True):
        pair.node.subscribe(FACES, Inbox(), past_executor)
    pair.node.trigger_deactivate()
    assert list(pair.node.subscriptions) == []

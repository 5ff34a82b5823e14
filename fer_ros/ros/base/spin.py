"""Run the node of a robot program until a signal."""

from __future__ import annotations

import signal
import threading
from contextlib import suppress

from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import uninstall_signal_handlers

from fer_ros.core.ending import end_signals

#: Seconds after which a waiting executor checks for a signal.
SIGNAL_PERIOD = 0.2


def spin(node: Node) -> None:
    """Run a node's callbacks until Ctrl-C, SIGTERM or shutdown.

    The current callback finishes first, and everything that it uses stays valid. rclpy.spin() can
    destroy publishers during a callback, or raise in it. On a thread other than the main one, this
    function does not handle signals.
    """
    stopping = threading.Event()
    previous = {}
    if threading.current_thread() is threading.main_thread():
        uninstall_signal_handlers()
        previous = {
            number: signal.signal(number, lambda *_: stopping.set()) for number in end_signals()
        }
    executor = SingleThreadedExecutor(context=node.context)
    executor.add_node(node)
    try:
        with suppress(ExternalShutdownException):
            while node.context.ok() and not stopping.is_set():
                executor.spin_once(timeout_sec=SIGNAL_PERIOD)
    finally:
        executor.shutdown()
        for number, handler in previous.items():
            signal.signal(number, handler)

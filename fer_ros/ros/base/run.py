"""Run nodes as a process, with signals, logs and errors at the start."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

import rclpy
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor

from fer_ros.core.ending import end_event
from fer_ros.core.errors import FerError
from fer_ros.core.opencv_threads import set_opencv_threads
from fer_ros.core.redaction import redact
from fer_ros.ros.base.command_line import split_arguments
from fer_ros.ros.base.node import FerNode
from fer_ros.ros.base.peers import wait_for_peers
from fer_ros.ros.base.spin import SIGNAL_PERIOD
from fer_ros.ros.base.start import start_ros
from fer_ros.ros.base.unread import unread_parameters

#: Seconds after which Python switches between threads. With its default of 5 ms, the thread that
#: passed a frame on delays the worker: each process took 1 ms longer (median).
SWITCH_INTERVAL = 1e-4

#: Threads of OpenCV. Detectors can set more. The nodes already share the processor, and OpenCV
#: leaks 0.9 KB for each thread that distributes work (opencv/opencv#19727). With one thread,
#: nothing accumulates across reconfigurations.
OPENCV_THREADS = 1


class _RosLogHandler(logging.Handler):
    """Sends log records of the core to the logger of a node."""

    def __init__(self, logger: Any) -> None:
        super().__init__()
        self._ros_logger = logger

    def emit(self, record: logging.LogRecord) -> None:
        """Pass a record on."""
        text = redact(self.format(record))
        # Each line of source must always log at the same severity, because rclpy raises otherwise.
        if record.levelno >= logging.ERROR:
            self._ros_logger.error(text)
        elif record.levelno >= logging.WARNING:
            self._ros_logger.warning(text)
        elif record.levelno >= logging.INFO:
            self._ros_logger.info(text)
        else:
            self._ros_logger.debug(text)


def forward_logs(logger: Any) -> None:
    """Send the logs of the core to a ROS logger from now on."""
    core = logging.getLogger('fer_ros')
    core.handlers = [_RosLogHandler(logger)]
    core.setLevel(logging.INFO)
    core.propagate = False


def run_nodes(
    create: Callable[[], Sequence[FerNode]], arguments: Sequence[str] | None = None
) -> int:
    """Run nodes in this process until SIGINT, SIGTERM or shutdown. Return the exit code.

    Args:
        create: Returns the nodes.
        arguments: Arguments for ROS. Those of the command line by default.
    """
    sys.setswitchinterval(SWITCH_INTERVAL)
    set_opencv_threads(OPENCV_THREADS)
    arguments = sys.argv[1:] if arguments is None else arguments
    stopping = end_event()
    logger = rclpy.logging.get_logger('fer_ros')
    if not wait_for_peers(stopping, logger.warning):
        return 0
    # The handlers of rclpy would invalidate publishers while the threads of the nodes publish.
    try:
        _refuse_own_arguments(arguments)
        start_ros(arguments)
    except FerError as error:
        return _cannot_start(error)
    nodes: Sequence[FerNode] = ()
    executor = SingleThreadedExecutor()
    try:
        forward_logs(logger)
        try:
            nodes = create()
        except Exception as error:
            # rclpy has no more specific exception for parameters of a wrong type or range.
            return _cannot_start(error)
        # A log reaches /rosout only if its logger belongs to a node.
        forward_logs(nodes[0].get_logger())
        report_unread(nodes, arguments)
        _spin(executor, nodes, stopping)
    except ExternalShutdownException:
        pass
    finally:
        for node in nodes:
            node.destroy_node()
        executor.shutdown()
        rclpy.try_shutdown()
    return 0


def _spin(
    executor: SingleThreadedExecutor, nodes: Sequence[FerNode], stopping: threading.Event
) -> None:
    """Start nodes and run their callbacks until the end is requested."""
    for node in nodes:
        executor.add_node(node)
    # From the end of the pipeline, so that no first frame is missed.
    for node in reversed(nodes):
        if node.parameters['autostart'] and not stopping.is_set():
            node.autostart()
    while not stopping.is_set():
        executor.spin_once(timeout_sec=SIGNAL_PERIOD)


def report_unread(nodes: Sequence[FerNode], arguments: Sequence[str]) -> None:
    """Log each given parameter that no node of this process has, once."""
    reported: set[str] = set()
    for node in nodes:
        lines = unread_parameters(
            arguments, node.get_fully_qualified_name(), node.contract, node.full_topic_name
        )
        for line in lines:
            if line not in reported:
                reported.add(line)
                node.get_logger().warning(line)


def _refuse_own_arguments(arguments: Sequence[str]) -> None:
    """Raise FerError for an argument that is not for ROS, because nodes have none."""
    own, _ = split_arguments(arguments)
    if own:
        raise FerError(
            f'{own[0]} is not an argument of this node: write --ros-args -p NAME:=VALUE for a '
            'parameter'
        )


def _cannot_start(error: Exception) -> int:
    print(f'fer_ros: cannot start: {redact(str(error))}', file=sys.stderr)
    return 1

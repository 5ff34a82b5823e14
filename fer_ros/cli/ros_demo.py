"""The demo with ROS 2: it starts the nodes as processes and prints their events.

Its topics stay on this machine, in a ROS domain that no other demo uses.
"""

from __future__ import annotations

import math
import os
import threading
import time
from dataclasses import replace
from pathlib import Path

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.signals import SignalHandlerOptions

from fer_ros.cli.monitor import Monitor
from fer_ros.cli.screen import STARTUP, Screen
from fer_ros.cli.words import total
from fer_ros.core.ending import end_event
from fer_ros.core.redaction import redact
from fer_ros.ros.base.peers import PEERS_VARIABLE
from fer_ros.ros.bringup.arguments import CAMERA, WEB
from fer_ros.ros.bringup.domains import DOMAIN_VARIABLE, take, take_domain
from fer_ros.ros.bringup.node_process import NodeProcess
from fer_ros.ros.bringup.plan import plan
from fer_ros.ros.bringup.processes import Processes
from fer_ros.ros.bringup.shared_memory import shared_memory_swept
from fer_ros.web.serving.addresses import is_free
from fer_ros.web.serving.settings import WebSettings

RANGE_VARIABLE = 'ROS_AUTOMATIC_DISCOVERY_RANGE'


def run(arguments: dict[str, str], duration: float, log_folder: Path) -> int:
    """Run the pipeline until Ctrl-C. Return the exit code.

    Args:
        duration: Seconds from the first processed frame to the end; 0 does not end. If no frame is
            processed within STARTUP, the time starts then and the exit code is 1.
    """
    stopping = end_event()
    # Our signal handlers end the nodes first. Those of rclpy would shut the context down too
    # early.
    rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
    monitor = Monitor(arguments.get('namespace', ''), not arguments.get('image_topic'))
    screen = Screen()
    screen.line(f'topics: other programs see them after  export {_exports()}')
    # The camera starts last. Events before the subscription would be lost.
    port = take('demo_port')
    started = with_free_port(plan('pipeline', arguments), port is not None)
    processes = Processes(started, log_folder, later=[CAMERA])
    with processes:
        _show(monitor, processes, screen, stopping, duration)
        dead = dict(processes.dead())
    monitor.destroy_node()
    rclpy.try_shutdown()
    failed = dead or {name: code for name, code in processes.stop().items() if code}
    for name, code in failed.items():
        print(f'{name} ended with exit code {code}:\n{_tail(processes.log_file(name))}')
    events = total(monitor.events, len(monitor.labelled), monitor.messages)
    print(f'{events}; logs in {log_folder}')
    nothing_seen = not monitor.messages and not stopping.is_set()
    return 1 if failed or nothing_seen else 0


def _show(
    monitor: Monitor,
    processes: Processes,
    screen: Screen,
    stopping: threading.Event,
    duration: float,
) -> None:
    """Print what the nodes report, until the end of the demo or of a node."""
    executor = SingleThreadedExecutor()
    executor.add_node(monitor)
    latest_start = time.monotonic() + STARTUP
    end = latest_start + duration if duration else math.inf
    while time.monotonic() < end and not (
        stopping.is_set() or monitor.cannot_start or processes.dead()
    ):
        executor.spin_once(timeout_sec=0.1)
        if monitor.is_connected():
            processes.start_later()
        while monitor.lines:
            screen.line(monitor.lines.pop(0))
        screen.status(monitor.status())
        if duration and monitor.messages:
            end = min(end, monitor.first_message + duration)
    for line in monitor.last_lines():
        screen.line(line)
    screen.end()
    executor.shutdown()


def with_free_port(processes: list[NodeProcess], is_first: bool) -> list[NodeProcess]:
    """Return the processes. web_node uses any free port if its own is in use.

    Args:
        is_first: Whether no other demo runs, which could be about to use that port.
    """
    settings = WebSettings()
    if is_first and is_free(settings.address, settings.port):
        return processes
    return [
        replace(process, parameters={**process.parameters, 'port': 0})
        if process.executable == WEB
        else process
        for process in processes
    ]


def _exports() -> str:
    """Return the environment variables with which other programs receive the topics."""
    return ' '.join(f'{name}={os.environ[name]}' for name in (DOMAIN_VARIABLE, RANGE_VARIABLE))


def _tail(file: Path) -> str:
    """Return the last lines of a log file."""
    return redact('\n'.join(file.read_text(errors='replace').splitlines()[-12:]))


def start(arguments: dict[str, str], duration: float, log_folder: Path | None) -> int:
    """Run the demo in a domain that no other demo uses. Return the exit code.

    Args:
        log_folder: None selects log/demo with the number of the domain.
    """
    os.environ.setdefault(RANGE_VARIABLE, 'LOCALHOST')
    # The demo runs on this machine, so peers are not needed.
    os.environ.pop(PEERS_VARIABLE, None)
    domain, holder = take_domain(os.environ)
    os.environ[DOMAIN_VARIABLE] = str(domain)
    with holder, shared_memory_swept():
        return run(arguments, duration, log_folder or Path(f'log/demo/{domain}'))

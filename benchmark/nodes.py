"""The nodes as a robot runs them, in separate processes, observed from this process."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState, GetState
from rcl_interfaces.srv import GetParameters
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy

from benchmark.spread import Spread
from fer_msgs.msg import ExpressionEvent, FaceEmotionArray
from fer_ros.ros.bringup.arguments import CAMERA, CLASSIFIER, DETECTOR
from fer_ros.ros.bringup.middleware import middleware_environment
from fer_ros.ros.bringup.plan import plan
from fer_ros.ros.bringup.processes import Processes
from fer_ros.ros.messages import stamp_from_time

#: Longest time to the first result in seconds.
PATIENCE = 60.0

#: Seconds between the first result and the first measurement, so that caches and clocks settle.
SETTLING = 2.0

#: ROS domains for a run, if none is requested.
DOMAINS = range(110, 200)

NODES = (CAMERA, DETECTOR, CLASSIFIER)

#: Counter of the images that reached the detector.
ARRIVED = ('processed', 'dropped_busy', 'dropped_late', 'bad_images')

TICKS_PER_SECOND = os.sysconf('SC_CLK_TCK')


@dataclass(frozen=True, slots=True)
class Flow:
    """Measurements of running nodes over some time.

    Attributes:
        latency_ms: From the stamp of the camera to the result in this process.
        thirds_ms: Median latency of the first, second and last third of the time.
        detection_ms: Median that the node reports in /diagnostics.
        classification_ms: The same of the classification.
        reached_percent: Share of images that reached the detector, from their sequence numbers.
        rate: Results per second.
        cpu_percent: Processor time in percent of one core, all nodes together.
        rss_mb: Resident memory of all nodes together, at the beginning and at the end.
        events: Number of expression events.
    """

    latency_ms: Spread
    thirds_ms: tuple[float, float, float]
    detection_ms: float
    classification_ms: float
    reached_percent: float
    rate: float
    cpu_percent: float
    rss_mb: tuple[float, float]
    events: int

    @property
    def overhead_ms(self) -> float:
        """Return the median time of a result in addition to detection and classification."""
        return self.latency_ms.p50 - self.detection_ms - self.classification_ms


class RunningNodes:
    """A running pipeline in a separate ROS domain. It has started when the `with` block begins.

    Args:
        folder: For the logs of the nodes.
        arguments: Arguments of pipeline.launch.py.

    Attributes:
        startup_s: Seconds from the start of the processes to the first result in this process.
    """

    startup_s = 0.0

    def __init__(self, folder: Path, arguments: Mapping[str, str]) -> None:
        domain = os.environ.get('ROS_DOMAIN_ID') or str(DOMAINS[os.getpid() % len(DOMAINS)])
        environment = {
            'ROS_DOMAIN_ID': domain,
            'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST',
            'ROS_LOG_DIR': str(folder),
        }
        # This process has the middleware's settings of a robot program (fer_ros.robot).
        os.environ.update({**middleware_environment(os.environ), **environment})
        self._processes = Processes(
            [
                replace(process, environment={**process.environment, **environment})
                for process in plan('pipeline', arguments)
            ],
            folder,
        )
        self._latencies: list[tuple[float, float]] = []
        self._durations: dict[str, list[float]] = {}
        self._events = 0
        self._counts: dict[str, dict[str, str]] = {}

    def __enter__(self) -> RunningNodes:
        self._context = rclpy.Context()
        rclpy.init(context=self._context)
        self._node = Node('benchmark', context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)
        newest = QoSProfile(depth=10, reliability=ReliabilityPolicy.BEST_EFFORT)
        self._node.create_subscription(
            FaceEmotionArray, 'face_emotions', self._on_emotions, newest
        )
        self._node.create_subscription(ExpressionEvent, 'expression_events', self._on_event, 100)
        self._node.create_subscription(DiagnosticArray, '/diagnostics', self._on_diagnostics, 100)
        start = time.monotonic()
        self._processes.__enter__()
        try:
            while not self._latencies:
                self._executor.spin_once(timeout_sec=0.05)
                if self._processes.dead() or time.monotonic() - start > PATIENCE:
                    raise RuntimeError(
                        'no result arrived from the nodes; ended processes: '
                        f'{self._processes.dead()}, logs in '
                        f'{self._processes.log_file("").parent}'
                    )
        except BaseException:
            self.__exit__()
            raise
        self.startup_s = time.monotonic() - start
        return self

    def __exit__(self, *exception: object) -> None:
        self._processes.stop()
        self._executor.shutdown()
        self._node.destroy_node()
        rclpy.shutdown(context=self._context)

    def watch(self, seconds: float, settling: float = SETTLING) -> Flow:
        """Return the measurements over some seconds. Raises RuntimeError if no results arrive."""
        self._spin(settling)
        self._latencies.clear()
        self._durations.clear()
        self._events = 0
        arrived, lost = self._images()
        used, memory, start = self._processor_seconds(), self._resident_mb(), time.monotonic()
        self._spin(seconds)
        elapsed = time.monotonic() - start
        used = self._processor_seconds() - used
        latencies = [latency for _, latency in self._latencies]
        if not latencies:
            raise RuntimeError('no more results arrived from the nodes')
        arrived, lost = (
            now - then for now, then in zip(self._images(), (arrived, lost), strict=True)
        )
        return Flow(
            Spread.of(latencies),
            self._medians_of_thirds(start, elapsed),
            statistics.median(self._durations.get('detection', [float('nan')])),
            statistics.median(self._durations.get('classification', [float('nan')])),
            100.0 * arrived / (arrived + lost) if arrived else float('nan'),
            len(latencies) / elapsed,
            100.0 * used / elapsed,
            (memory, self._resident_mb()),
            self._events,
        )

    def answers_ms(self, times: int) -> list[float]:
        """Return the times in which the nodes answer repeated requests."""
        questions = [
            (self._client(kind, f'{node}/{name}'), request)
            for node in NODES
            for kind, name, request in (
                (GetState, 'get_state', GetState.Request()),
                (GetParameters, 'get_parameters', GetParameters.Request(names=['autostart'])),
            )
        ]
        took = []
        for _ in range(times):
            for client, request in questions:
                start = time.monotonic()
                self._answer(client, request)
                took.append(1e3 * (time.monotonic() - start))
        return took

    def inactive_percent(self, seconds: float) -> float:
        """Deactivate all nodes. Return the percentage of a core that they then use.

        Raises RuntimeError if a node cannot be deactivated.
        """
        request = ChangeState.Request()
        request.transition.id = Transition.TRANSITION_DEACTIVATE
        for node in NODES:
            client = self._client(ChangeState, f'{node}/change_state')
            if not self._answer(client, request).success:
                raise RuntimeError(f'{node} cannot be deactivated')
        self._spin(min(SETTLING, seconds))
        used, start = self._processor_seconds(), time.monotonic()
        self._spin(seconds)
        return 100.0 * (self._processor_seconds() - used) / (time.monotonic() - start)

    def _client(self, kind: Any, name: str) -> Any:
        client = self._node.create_client(kind, name)
        if not client.wait_for_service(PATIENCE):
            raise RuntimeError(f'there is no service {name}')
        return client

    def _answer(self, client: Any, request: Any) -> Any:
        future = client.call_async(request)
        end = time.monotonic() + PATIENCE
        # spin_until_future_complete() leaves a task behind for each message that arrives while it
        # waits. The next call works through all of them and leaves as many again.
        while not future.done() and (left := end - time.monotonic()) > 0:
            self._executor.spin_once(timeout_sec=left)
        if not future.done():
            raise RuntimeError(f'{client.srv_name} does not answer')
        return future.result()

    def _images(self) -> tuple[int, int]:
        """Return the number of images that reached the detector, and of those lost before."""
        counts = self._counts.get(DETECTOR, {})
        arrived = sum(int(counts.get(name, 0)) for name in ARRIVED)
        return arrived, int(counts.get('dropped_transport', 0))

    def _spin(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._executor.spin_once(timeout_sec=left)

    def _medians_of_thirds(self, start: float, elapsed: float) -> tuple[float, float, float]:
        thirds: list[list[float]] = [[], [], []]
        for received, latency in self._latencies:
            thirds[min(int(3 * (received - start) / elapsed), 2)].append(latency)
        first, second, last = (
            statistics.median(third) if third else float('nan') for third in thirds
        )
        return first, second, last

    def _on_emotions(self, message: FaceEmotionArray) -> None:
        latency = (time.time_ns() - stamp_from_time(message.header.stamp)) * 1e-6
        self._latencies.append((time.monotonic(), latency))

    def _on_event(self, message: ExpressionEvent) -> None:
        self._events += 1

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            name = status.name.partition(':')[0]
            self._counts[name] = {value.key: value.value for value in status.values}
            for value in status.values:
                step = value.key.removesuffix('_median_ms')
                if step in ('detection', 'classification') and step != value.key:
                    self._durations.setdefault(step, []).append(float(value.value))

    def _processor_seconds(self) -> float:
        ticks = 0
        for pid in self._processes.pids.values():
            fields = Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / TICKS_PER_SECOND

    def _resident_mb(self) -> float:
        kilobytes = 0
        for pid in self._processes.pids.values():
            lines = Path(f'/proc/{pid}/status').read_text().splitlines()
            (line,) = (line for line in lines if line.startswith('VmRSS:'))
            kilobytes += int(line.split()[1])
        return kilobytes / 1024

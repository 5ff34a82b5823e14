"""Nodes in separate processes, observed as by a robot program.

Each robot has a DDS domain to itself on this machine only, so that tests cannot hear each other.
"""

from __future__ import annotations

import fcntl
import gc
import os
import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import rclpy
import yaml
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState, GetState
from rcl_interfaces.srv import DescribeParameters, GetParameters, SetParameters
from rclpy.exceptions import InvalidHandle
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter, parameter_value_to_python
from rclpy.qos import QoSProfile, ReliabilityPolicy
from support.proc import shared_memory_of
from support.waiting import PATIENCE

from fer_ros.cli.doctor.middleware import segment_size
from fer_ros.ros.bringup.domains import is_silent
from fer_ros.ros.bringup.node_process import NodeProcess
from fer_ros.ros.bringup.plan import plan
from fer_ros.ros.bringup.processes import Processes

#: Seconds after which a question is repeated.
UNANSWERED = 8.0

TRANSITIONS = {
    'configure': Transition.TRANSITION_CONFIGURE,
    'activate': Transition.TRANSITION_ACTIVATE,
    'deactivate': Transition.TRANSITION_DEACTIVATE,
    'cleanup': Transition.TRANSITION_CLEANUP,
    'shutdown': Transition.TRANSITION_ACTIVE_SHUTDOWN,
}


@contextmanager
def free_domain() -> Iterator[int]:
    """Hold a ROS domain that neither a test run nor anything else on this machine uses."""
    numbers = list(range(1, 101))
    random.shuffle(numbers)
    for number in numbers:
        lock = Path(tempfile.gettempdir()) / f'fer_ros_test_domain_{number}.lock'
        with open(lock, 'w') as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            # A shell may use it, or a run that was killed may have left nodes in it.
            if not is_silent(number):
                continue
            try:
                yield number
            finally:
                # A node whose constructor failed leaves its domain when Python collects it.
                gc.collect()
            return
    raise RuntimeError('all ROS domains are taken')


class Robot:
    """A bring-up in a separate domain, and an observer node in this process.

    Args:
        processes: From plan().
        folder: For logs.
        allow_death: Whether a node may end while a test waits.
    """

    def __init__(
        self,
        processes: list[NodeProcess],
        folder: Path,
        *,
        allow_death: bool = False,
    ) -> None:
        self.namespace = processes[0].namespace.strip('/') if processes else ''
        self._allow_death = allow_death
        self._plan = processes
        self._folder = folder
        self.statuses: list[DiagnosticStatus] = []
        self._clients: dict[str, Any] = {}

    def __enter__(self) -> Robot:
        self._domain_lock = free_domain()
        self.domain = self._domain_lock.__enter__()
        self._context = rclpy.Context()
        rclpy.init(context=self._context, domain_id=self.domain)
        self.node = Node('observer', context=self._context, namespace=self.namespace)
        _require_profile()
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self.node)
        self.node.create_subscription(
            DiagnosticArray, '/diagnostics', lambda m: self.statuses.extend(m.status), 100
        )
        self._thread = threading.Thread(target=self._spin, name='observer', daemon=True)
        self._thread.start()
        environment = {'ROS_DOMAIN_ID': str(self.domain), 'ROS_LOG_DIR': str(self._folder)}
        self._processes = Processes(
            [
                replace(process, environment={**process.environment, **environment})
                for process in self._plan
            ],
            self._folder,
        )
        self._processes.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self._processes.stop()
        self._executor.shutdown()
        self._thread.join()
        self.node.destroy_node()
        rclpy.shutdown(context=self._context)
        self._domain_lock.__exit__(None, None, None)

    def _spin(self) -> None:
        with suppress(ExternalShutdownException):
            while True:
                # A test can destroy a publisher just before the executor waits for its events.
                with suppress(InvalidHandle):
                    self._executor.spin()
                    return

    # Processes.

    def stop(self) -> dict[str, int]:
        """End all nodes and return their exit codes."""
        return self._processes.stop()

    @property
    def names(self) -> list[str]:
        """Return the running executables, which are one process each."""
        return [process.executable for process in self._plan]

    def process(self, name: str) -> Any:
        """Return a process as subprocess.Popen."""
        return self._processes._running[name]

    def log(self, name: str) -> str:
        """Return what a process wrote so far."""
        return self._processes.log_file(name).read_text(errors='replace')

    def logs(self) -> str:
        """Return the output of all processes so far."""
        return '\n'.join(f'--- {name}\n{self.log(name)}' for name in self.names)

    # Waiting.

    def wait_for(
        self,
        condition: Callable[[], Any],
        what: str,
        patience: float = PATIENCE,
    ) -> Any:
        """Wait until the condition returns something true, and return that."""
        deadline = time.monotonic() + patience
        while not (result := condition()):
            dead = self._processes.dead()
            if time.monotonic() > deadline or (dead and not self._allow_death):
                raise AssertionError(f'no {what} (ended: {dead}); logs:\n{self.logs()[-6000:]}')
            time.sleep(0.01)
        return result

    def wait_for_log(self, name: str, text: str) -> None:
        """Wait until a process has written a text."""
        self.wait_for(lambda: text in self.log(name), f'{text!r} in the log of {name}')

    def wait_for_status(
        self,
        node: str,
        is_meant: Callable[[DiagnosticStatus], Any],
        what: str,
    ) -> DiagnosticStatus:
        """Wait for a diagnostic status of a node, from now on, and return it."""
        seen = len(self.statuses)
        name = f'{self.namespace}/{node}'.lstrip('/') + ': fer_ros'
        return self.wait_for(
            lambda: next(
                (s for s in self.statuses[seen:] if s.name == name and is_meant(s)), None
            ),
            f'status of {node}: {what}',
        )

    def wait_for_state(self, node: str, state: str) -> None:
        """Wait until a node is in a lifecycle state."""
        self.wait_for(lambda: self.state(node) == state, f'{node} {state}')

    # Topics.

    def listen(self, kind: Any, topic: str, *, reliable: bool = True) -> list[Any]:
        """Subscribe and return the list that messages are added to."""
        messages: list[Any] = []
        reliability = ReliabilityPolicy.RELIABLE if reliable else ReliabilityPolicy.BEST_EFFORT
        self.node.create_subscription(
            kind, topic, messages.append, QoSProfile(depth=1000, reliability=reliability)
        )
        return messages

    def publisher(self, kind: Any, topic: str, subscriptions: int = 1) -> Any:
        """Return a publisher that the given number of subscriptions has found."""
        publisher = self.node.create_publisher(
            kind, topic, QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE)
        )
        self.wait_for(
            lambda: publisher.get_subscription_count() >= subscriptions, f'subscription to {topic}'
        )
        return publisher

    def of_node(self, what: str, node: str, namespace: str | None = None) -> dict[str, list[str]]:
        """Return names and types of the publishers, subscribers or services of a node.

        It waits until the node is discovered. `what` is 'publisher', 'subscriber' or 'service'.
        """
        whole = f'/{self.namespace}' if namespace is None else namespace
        self.wait_for(
            lambda: (node, whole) in self.node.get_node_names_and_namespaces(), f'node {node}'
        )
        found = getattr(self.node, f'get_{what}_names_and_types_by_node')(node, whole)
        return dict(found)

    # Services.

    def call(self, kind: Any, name: str, request: Any, patience: float = PATIENCE) -> Any:
        """Call a service and return its response."""
        client = self._client(kind, name)
        self.wait_for(client.service_is_ready, f'service {name}', patience)
        futures = [client.call_async(request)]
        ask_again = time.monotonic() + UNANSWERED

        def answered() -> Any:
            # rmw_fastrtps drops the answer to a client that the service has not discovered yet.
            nonlocal ask_again
            if kind is not ChangeState and time.monotonic() > ask_again:
                ask_again += UNANSWERED
                futures.append(client.call_async(request))
            return next((future for future in futures if future.done()), None)

        return self.wait_for(answered, f'answer of {name}', patience).result()

    def _client(self, kind: Any, name: str) -> Any:
        if name not in self._clients:
            self._clients[name] = self.node.create_client(kind, name)
        return self._clients[name]

    def set_parameters(self, node: str, **values: Any) -> list[Any]:
        """Set parameters one by one; return a SetParametersResult for each."""
        request = SetParameters.Request(
            parameters=[
                Parameter(name, value=value).to_parameter_msg() for name, value in values.items()
            ]
        )
        return self.call(SetParameters, f'{node}/set_parameters', request).results

    def accept(self, node: str, **values: Any) -> None:
        """Set parameters that must be accepted."""
        for result in self.set_parameters(node, **values):
            assert result.successful, result.reason

    def refusal(self, node: str, **values: Any) -> str:
        """Set a parameter that must be refused; return the reason."""
        (result,) = self.set_parameters(node, **values)
        assert not result.successful
        assert result.reason
        return result.reason

    def get_parameter(self, node: str, name: str) -> Any:
        """Return the value of a parameter."""
        response = self.call(
            GetParameters, f'{node}/get_parameters', GetParameters.Request(names=[name])
        )
        return parameter_value_to_python(response.values[0])

    def describe(self, node: str, names: list[str]) -> list[Any]:
        """Return the descriptors of parameters."""
        request = DescribeParameters.Request(names=names)
        return self.call(DescribeParameters, f'{node}/describe_parameters', request).descriptors

    def transition(self, node: str, name: str) -> bool:
        """Ask for a lifecycle transition and return whether it succeeded."""
        request = ChangeState.Request()
        if name in TRANSITIONS:
            request.transition.id = TRANSITIONS[name]
        request.transition.label = name
        return self.call(ChangeState, f'{node}/change_state', request).success

    def state(self, node: str) -> str:
        """Return the lifecycle state."""
        # A transition cannot be requested twice, so its client must be discovered before.
        self._client(ChangeState, f'{node}/change_state')
        return self.call(GetState, f'{node}/get_state', GetState.Request()).current_state.label


def start(
    folder: Path,
    launch: str = 'pipeline',
    *,
    nodes: tuple[str, ...] = (),
    parameters: Mapping[str, Mapping[str, Any]] | None = None,
    allow_death: bool = False,
    **arguments: str,
) -> Robot:
    """Return the robot of a bring-up, to be entered.

    Args:
        nodes: Executables of the launch to start. Empty means all.
        parameters: By node, for a parameter file. Without them, the shipped file is read.
        arguments: Arguments of the launch.
    """
    if parameters is not None:
        file = folder / 'parameters.yaml'
        file.write_text(
            yaml.safe_dump(
                {
                    f'/**/{node}': {'ros__parameters': dict(values)}
                    for node, values in parameters.items()
                }
            )
        )
        arguments['params_file'] = str(file)
    processes = [
        process
        for process in plan(launch, arguments, without_profile())
        if not nodes or process.executable in nodes
    ]
    return Robot(processes, folder, allow_death=allow_death)


def _require_profile() -> None:
    """Raise RuntimeError if the participants of this process lack the requested profile.

    Fast DDS reads it once, for the first participant of a process. If a test creates one before
    the fixture `middleware`, all other tests have no profile, and half of their images are lost.
    """
    asked = segment_size(os.environ)
    segments = [path for path in shared_memory_of(os.getpid()) if path.exists()]
    largest = max((path.stat().st_size for path in segments), default=0)
    if 0 < largest < asked:
        raise RuntimeError(
            f'the largest segment of this process has {largest} bytes, its profile asks for '
            f'{asked}: an earlier test used DDS without the fixture `middleware`'
        )


def without_profile() -> dict[str, str]:
    """Return the environment without the DDS profile of the test process."""
    return {name: value for name, value in os.environ.items() if 'PROFILES_FILE' not in name}

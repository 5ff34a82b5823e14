"""Hosts on this machine: each has a network, a name and a /dev/shm, and links join them.

A host is a process that holds its namespaces; they and their links end with it. Needs root, the
commands ip, unshare and nsenter, and a kernel that lets this container make namespaces.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from support.proc import holdings
from support.relay import Relay
from support.waiting import PATIENCE

from fer_ros.ros.bringup.middleware import middleware_environment
from fer_ros.ros.bringup.node_process import NodeProcess
from fer_ros.ros.bringup.plan import plan

#: Seconds that processes have to end after each signal.
GOODBYE = 4.0

#: Variables of the caller that would change how nodes find each other.
DISCOVERY = (
    'ROS_AUTOMATIC_DISCOVERY_RANGE',
    'ROS_STATIC_PEERS',
    'ROS_DISCOVERY_SERVER',
    'ROS_LOCALHOST_ONLY',
    'FASTRTPS_DEFAULT_PROFILES_FILE',
    'FASTDDS_DEFAULT_PROFILES_FILE',
)

#: Mounts and names the host, then holds its namespaces until its standard input closes.
_HOLD = (
    'mount --make-rprivate / && mount -t tmpfs tmpfs /dev/shm && '
    'echo {name} > /proc/sys/kernel/hostname && ip link set lo up && echo ready && exec cat'
)

OBSERVER = Path(__file__).with_name('observer.py')


@cache
def missing() -> str:
    """Return why this machine cannot have hosts, '' if it can."""
    if os.geteuid() != 0:
        return 'two hosts need root (network namespaces)'
    packages = {'ip': 'iproute2', 'unshare': 'util-linux', 'nsenter': 'util-linux'}
    for tool, package in packages.items():
        if shutil.which(tool) is None:
            return f'two hosts need the command {tool} of Debian package {package}'
    try:
        with Host('probe') as one, Host('probe2') as other, connect(one, other, 9):
            pass
    except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
        return f'this kernel or container allows no network namespaces or veth pairs: {error}'
    return ''


class Host:
    """A host.

    Args:
        name: Its host name.
        folder: For logs. It is not necessary if no program is started.
    """

    def __init__(self, name: str, folder: Path = Path()) -> None:
        self.name = name
        self.addresses: list[str] = []
        self._folder = folder
        self._commands: dict[str, tuple[list[str], dict[str, str]]] = {}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Host:
        self._holder = subprocess.Popen(
            ['unshare', '--net', '--mount', '--uts', 'sh', '-c', _HOLD.format(name=self.name)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert self._holder.stdout is not None
        line = self._holder.stdout.readline().decode().strip()
        if line != 'ready':
            self._end_holder()
            raise RuntimeError(line or 'unshare failed')
        return self

    def __exit__(self, *exception: object) -> None:
        try:
            self.stop(*self._running)
        finally:
            self._end_holder()

    def _end_holder(self) -> None:
        self._holder.kill()
        self._holder.communicate()

    @property
    def pid(self) -> int:
        """Return the process that holds the namespaces."""
        return self._holder.pid

    def run(self, *command: str) -> str:
        """Run a command on the host and return what it printed; raise if it failed."""
        result = subprocess.run(
            [*self._enter(), *command], capture_output=True, text=True, check=False
        )
        if result.returncode:
            raise RuntimeError(f'{" ".join(command)}: {result.stderr.strip()}')
        return result.stdout

    def _enter(self) -> list[str]:
        return ['nsenter', f'--target={self.pid}', '--net', '--mount', '--uts', '--']

    # Processes.

    def start(self, name: str, command: list[str], environment: Mapping[str, str]) -> None:
        """Start a process on the host, its output in a log of that name."""
        self._commands[name] = command, dict(environment)
        with self.log_file(name).open('ab') as log:
            self._running[name] = subprocess.Popen(
                [*self._enter(), *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**_environment(), 'ROS_LOG_DIR': str(self._folder), **environment},
            )

    def launch(
        self,
        launch: str,
        environment: Mapping[str, str] | None = None,
        nodes: tuple[str, ...] = (),
        **arguments: str,
    ) -> None:
        """Start the processes of a bring-up, or those of its executables that are named."""
        environment = environment or {}
        for process in plan(launch, arguments, environment):
            if not nodes or process.executable in nodes:
                self.start(
                    _process_name(process),
                    process.command(),
                    {**process.environment, **environment},
                )

    def kill(self, name: str) -> None:
        """Kill a process with SIGKILL: it closes no connection."""
        process = self._running.pop(name)
        process.kill()
        process.wait()

    def start_again(self, name: str) -> None:
        """Start an ended process again with the same command."""
        self.start(name, *self._commands[name])

    def stop(self, *names: str) -> None:
        """End processes in order."""
        processes = [self._running.pop(name) for name in names]
        for kind in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            for process in processes:
                if process.poll() is None:
                    process.send_signal(kind)
            deadline = time.monotonic() + GOODBYE
            while time.monotonic() < deadline and any(p.poll() is None for p in processes):
                time.sleep(0.02)

    def resident_memory(self, name: str) -> int:
        """Return the bytes of memory a process holds."""
        status = Path(f'/proc/{self._running[name].pid}/status').read_text()
        line = next(line for line in status.splitlines() if line.startswith('VmRSS:'))
        return int(line.split()[1]) * 1024

    def log_file(self, name: str) -> Path:
        """Return where a process writes."""
        return self._folder / f'{self.name}-{name.replace("/", "-")}.log'

    def processor_seconds(self, name: str) -> float:
        """Return the seconds of a core that a process has used."""
        return holdings(self._running[name].pid).processor

    def logs(self) -> str:
        """Return the last lines of the logs of all processes."""
        return '\n'.join(
            f'--- {self.name} {name}\n{self.log_file(name).read_text(errors="replace")[-1500:]}'
            for name in self._commands
        )

    # Observation.

    def observe(
        self,
        namespace: str = '',
        environment: Mapping[str, str] | None = None,
        *topics: str,
    ) -> Observation:
        """Start a program that subscribes to topics of fer_ros, and return what it receives.

        It uses the shipped DDS profile.
        """
        environment = environment or {}
        name = f'observer{namespace}-{len(self._commands)}'
        command = [sys.executable, str(OBSERVER), *topics]
        if namespace:
            command += ['--ros-args', '-r', f'__ns:=/{namespace}']
        self.start(name, command, {**middleware_environment(environment), **environment})
        return Observation(self, self.log_file(name))

    # Links.

    def set_link(self, device: str, state: str) -> None:
        """Set a link 'up' or 'down'."""
        self.run('ip', 'link', 'set', device, state)

    def is_up(self, device: str) -> bool:
        """Return whether a link carries frames; the state of a TAP device is unknown."""
        link = self._link(device)
        return 'LOWER_UP' in link['flags'] and link['operstate'] in ('UP', 'UNKNOWN')

    def bytes_on(self, device: str) -> int:
        """Return the bytes that went over a link so far, both ways, link headers included."""
        link = self._link(device)
        return int(link['stats64']['rx']['bytes']) + int(link['stats64']['tx']['bytes'])

    def _link(self, device: str) -> dict[str, Any]:
        (link,) = json.loads(self.run('ip', '-json', '-statistics', 'link', 'show', device))
        return dict(link)


@dataclass(frozen=True)
class Message:
    """A received message: topic, times, and the fields that the tests use.

    Attributes:
        received: Nanoseconds of the clock of the machine, which all hosts share.
        stamp: Stamp of its header, in nanoseconds of the same clock.
    """

    topic: str
    received: int
    stamp: int
    fields: Mapping[str, Any]


class Observation:
    """The messages that an observer has received so far."""

    def __init__(self, host: Host, file: Path) -> None:
        self._host = host
        self._file = file
        self._read = 0
        self._heard: list[Message] = []

    def messages(self, topic: str = '', since: int = 0) -> list[Message]:
        """Return the messages of a topic received since a time in nanoseconds."""
        self._read_on()
        return [
            message
            for message in self._heard
            if message.received >= since and topic in ('', message.topic)
        ]

    def _read_on(self) -> None:
        """Read the new lines: a relay works in this process and must not wait long."""
        with self._file.open('rb') as file:
            file.seek(self._read)
            whole, newline, _ = file.read().rpartition(b'\n')
        self._read += len(whole) + len(newline)
        for line in whole.splitlines():
            if line.startswith(b'{'):
                heard = json.loads(line)
                self._heard.append(
                    Message(heard.pop('topic'), heard.pop('received'), heard.pop('stamp'), heard)
                )

    def wait_for(
        self,
        topic: str,
        count: int = 1,
        since: int = 0,
        patience: float = PATIENCE,
        is_meant: Callable[[Message], bool] = lambda message: True,
    ) -> list[Message]:
        """Wait until a selection contains a number of messages and return them."""
        deadline = time.monotonic() + patience
        while len(found := [m for m in self.messages(topic, since) if is_meant(m)]) < count:
            if time.monotonic() > deadline:
                raise AssertionError(
                    f'{len(found)} of {count} messages on {topic}; logs:\n{self._host.logs()}'
                )
            time.sleep(0.05)
        return found

    def status(self, node: str, since: int) -> Mapping[str, Any]:
        """Wait for the next diagnostic status of a node and return its values."""
        name = f'{node}: fer_ros'
        (status, *_) = self.wait_for(
            'diagnostics', since=since, is_meant=lambda m: m.fields['name'] == name
        )
        return status.fields


@contextmanager
def connect(
    one: Host,
    other: Host,
    number: int = 1,
    *,
    relay: Relay | None = None,
) -> Iterator[str]:
    """Join two hosts by a link and yield the device's name, the same on both.

    Args:
        number: Number of the link, 1 to 250. `one` has the address 10.77.<number>.1, and `other`
            10.77.<number>.2.
        relay: Carries the frames, with delay and loss. None uses a veth pair.
    """
    device = f'link{number}'
    if relay is None:
        one.run(*f'ip link add {device} type veth peer name {device} netns {other.pid}'.split())
    else:
        for tap, host in zip(relay.open(), (one, other), strict=True):
            subprocess.run(
                ['ip', 'link', 'set', tap, 'netns', str(host.pid), 'name', device], check=True
            )
    for end, host in enumerate((one, other), start=1):
        address = f'10.77.{number}.{end}'
        host.run('ip', 'address', 'add', f'{address}/24', 'dev', device)
        host.set_link(device, 'up')
        host.addresses.append(address)
    # Fast DDS looks once, at its start, which networks are there.
    deadline = time.monotonic() + PATIENCE
    while not (one.is_up(device) and other.is_up(device)):
        if time.monotonic() > deadline:
            raise RuntimeError(f'{device} does not come up')
        time.sleep(0.01)
    try:
        yield device
    finally:
        if relay is not None:
            relay.close()


def now() -> int:
    """Return the machine's time in nanoseconds."""
    return time.time_ns()


def _process_name(process: NodeProcess) -> str:
    return f'{process.namespace}/{process.executable}'.lstrip('/')


def _environment() -> dict[str, str]:
    """Return the caller's environment without what changes discovery.

    The link leads nowhere else, so any domain is free.
    """
    kept = {name: value for name, value in os.environ.items() if name not in DISCOVERY}
    support = str(Path(__file__).resolve().parents[1])
    return {
        **kept,
        'ROS_DOMAIN_ID': '0',
        'OMP_NUM_THREADS': '1',
        'PYTHONPATH': os.pathsep.join([support, *filter(None, [kept.get('PYTHONPATH')])]),
    }

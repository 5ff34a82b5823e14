"""The command `launch` in a robot's domain, and the nodes it starts."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.robot import Robot, without_profile
from support.waiting import PATIENCE


@contextmanager
def launched(
    robot: Robot,
    folder: Path,
    *arguments: str,
) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """Start the command; yield its process and the file that it and its nodes write to."""
    output = folder / 'output.txt'
    with output.open('wb') as file:
        process = subprocess.Popen(
            [sys.executable, '-m', 'fer_ros', 'launch', *arguments],
            stdout=file,
            stderr=subprocess.STDOUT,
            env={
                **without_profile(),
                'ROS_DOMAIN_ID': str(robot.domain),
                'ROS_LOG_DIR': str(folder),
                'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST',
                'OMP_NUM_THREADS': '1',
            },
        )
    try:
        yield process, output
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)


def node_pid(launch: subprocess.Popen[bytes], node: str) -> int:
    """Return the process of a node that the command started, 0 if there is none."""
    for child in Path(f'/proc/{launch.pid}/task/{launch.pid}/children').read_text().split():
        # A child that has just ended has no command line any more.
        if node in Path(f'/proc/{child}/cmdline').read_bytes().decode().split('\0'):
            return int(child)
    return 0

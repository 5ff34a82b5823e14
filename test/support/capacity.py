"""The capacity of a compute host: classifiers with edges that exist as messages only.

    PYTHONPATH=test python -m support.capacity

prints processor time by faces for each message and by edges at 30 Hz, and (as root) what discovery
alone sends between two hosts. Processor time is counted, not wall time, so that other work on the
machine matters little.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rclpy.serialization import serialize_message
from support.hosts import Host, connect, missing
from support.proc import holdings
from support.robot import Robot

from fer_msgs.msg import FaceArray
from fer_ros.core.models import DEFAULT_MODEL, ModelStore
from fer_ros.core.types import Box, Crop, Face, FaceSet
from fer_ros.ros.bringup.middleware import middleware_environment
from fer_ros.ros.bringup.plan import plan
from fer_ros.ros.bringup.shared_memory import shared_memory_swept
from fer_ros.ros.messages import face_array, header

RATE = 30.0
SECONDS = 10.0
CLASSIFIER = 'emotion_classifier_node'


def faces_message(count: int) -> FaceArray:
    """Return the message of an edge for a frame with a number of faces."""
    spec = ModelStore().load_card(DEFAULT_MODEL).crop_spec
    pixels = np.random.default_rng(1).integers(0, 256, (spec.size, spec.size), np.uint8)
    crop = Crop(pixels, np.zeros((2, 3), np.float32))
    faces = [
        Face(f'fab{n}', Box(60.0 * n, 50, 40, 50), 0.9, np.zeros((5, 2), np.float32), crop=crop)
        for n in range(count)
    ]
    return face_array(
        FaceSet(1, 'eye', 1920, 1080, tuple(faces), spec.geometry.name, spec.channels)
    )


@contextmanager
def classifiers(count: int) -> Iterator[tuple[list[Any], list[int]]]:
    """Start a classifier in each of several namespaces; yield publishers and process ids."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        robots = [stack.enter_context(_robot(number, Path(folder))) for number in range(count)]
        yield (
            [robot.publisher(FaceArray, 'faces') for robot in robots],
            [robot.process(CLASSIFIER).pid for robot in robots],
        )


def _robot(number: int, folder: Path) -> Robot:
    (process,) = plan('compute', {'namespace': f'edge{number}'})
    logs = folder / str(number)
    logs.mkdir()
    return Robot([replace(process, respawn=False)], logs)


def feed(publishers: list[Any], message: FaceArray, seconds: float) -> int:
    """Send a message to every classifier at 30 Hz, in turn; return how many to each."""
    begin = time.monotonic()
    sent = 0
    while sent < seconds * RATE:
        for number, publisher in enumerate(publishers):
            due = begin + (sent + number / len(publishers)) / RATE
            time.sleep(max(0.0, due - time.monotonic()))
            message.header = header(time.time_ns(), 'eye')
            publisher.publish(message)
        sent += 1
    return sent


def measure(edges: int, faces: int) -> dict[str, float]:
    """Return figures of classifiers under a load."""
    message = faces_message(faces)
    with classifiers(edges) as (publishers, pids):
        feed(publishers, message, 3)
        before = [holdings(pid) for pid in pids]
        begin = time.monotonic()
        sent = feed(publishers, message, SECONDS)
        seconds = time.monotonic() - begin
        after = [holdings(pid) for pid in pids]
    used = sum(a.processor - b.processor for a, b in zip(after, before, strict=True))
    return {
        'edges': edges,
        'faces': faces,
        'bytes': len(serialize_message(message)),
        'ms_per_message': 1e3 * used / sent / edges,
        'percent_of_core': 100 * used / seconds,
        'memory_mb_each': after[0].memory / 2**20,
    }


def discovery(processes: int) -> float:
    """Return the bytes per second of discovery between programs of two hosts."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Host('edge', Path(folder)) as edge,
        Host('compute', Path(folder)) as compute,
        connect(edge, compute) as device,
    ):
        for _ in range(processes):
            edge.observe('', None, 'expression_events')
            compute.observe('', None, 'expression_events')
        time.sleep(20)
        before = edge.bytes_on(device)
        time.sleep(SECONDS)
        return (edge.bytes_on(device) - before) / SECONDS


def main() -> int:
    """Print the tables."""
    os.environ.setdefault('ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST')
    os.environ.setdefault('OMP_NUM_THREADS', '1')
    os.environ.update(middleware_environment(os.environ))
    with shared_memory_swept():
        for edges, faces in ((1, 1), (1, 4), (1, 16), (2, 1), (4, 1), (8, 1)):
            print(
                ' '.join(f'{name}={value:.1f}' for name, value in measure(edges, faces).items()),
                flush=True,
            )
        if reason := missing():
            print(reason)
            return 0
        for processes in (1, 4, 12):
            print(
                f'processes_each={processes} discovery_bytes_per_second='
                f'{discovery(processes):.0f}',
                flush=True,
            )
    return 0


if __name__ == '__main__':
    sys.exit(main())

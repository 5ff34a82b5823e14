"""A long run of the pipeline on a clip with faces: growth, drift and losses.

    PYTHONPATH=test python -m support.soak --minutes 30 --output soak.json

prints a table. Three processes and this one; 640x480 at 30 Hz, faces for 13 of every 20 seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from support.clips import face_at, nobody, walk, write_clip
from support.people import photographs
from support.proc import Holdings, holdings
from support.robot import Robot, start

from fer_msgs.msg import ExpressionEvent
from fer_ros.ros.bringup.middleware import middleware_environment
from fer_ros.ros.bringup.shared_memory import shared_memory_swept

FPS = 30.0
CAMERA, DETECTOR, CLASSIFIER = 'camera_node', 'face_detector_node', 'emotion_classifier_node'
NODES = (CAMERA, DETECTOR, CLASSIFIER)

#: Seconds between two samples, and at the begin that count as warming up.
PERIOD, WARM_UP = 5.0, 20.0

#: Seconds without a face in the clip, twice: longer than track_timeout, so that faces leave.
ABSENT = (3, 4)


@dataclass
class Soak:
    """Results of a soak.

    Attributes:
        samples: Seconds since its start, and the holdings of each process.
    """

    samples: list[tuple[float, Mapping[str, Holdings]]] = field(default_factory=list)
    latencies: list[tuple[float, float]] = field(default_factory=list)
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    events: list[Any] = field(default_factory=list)

    def series(self, node: str, name: str) -> tuple[list[float], list[float]]:
        """Return seconds and values of a holding after the warm-up."""
        samples = [
            (seconds, getattr(held[node], name))
            for seconds, held in self.samples
            if seconds >= WARM_UP
        ]
        return [seconds for seconds, _ in samples], [value for _, value in samples]

    def unaccounted(self) -> int:
        """Return the frames that were neither processed nor counted as dropped."""
        camera, detector, classifier = (self.counts[node] for node in NODES)
        return abs(camera['processed'] - _taken(detector)) + abs(
            detector['processed'] - _taken(classifier)
        )

    def lost(self) -> int:
        """Return the frames of the camera without a result."""
        return self.counts[CAMERA]['processed'] - self.counts[CLASSIFIER]['processed']

    def count(self, kind: int) -> int:
        """Return how many events of a type came."""
        return sum(event.type == kind for event in self.events)

    def figures(self) -> dict[str, float]:
        """Return everything measured, by name."""
        seconds, latencies = zip(*self.latencies, strict=True)
        part = max(len(latencies) // 6, 1)
        found = {
            'minutes': self.samples[-1][0] / 60,
            'frames': self.counts[CAMERA]['processed'],
            'frames_lost': self.lost(),
            'frames_unaccounted': self.unaccounted(),
            'faces_appeared': self.count(ExpressionEvent.APPEARED),
            'faces_left': self.count(ExpressionEvent.LEFT),
            'latency_first_ms': statistics.median(latencies[:part]),
            'latency_last_ms': statistics.median(latencies[-part:]),
            'latency_drift_ms_per_hour': slope(seconds, latencies) * 3600,
        }
        for node in NODES:
            times, memory = self.series(node, 'memory')
            descriptors, threads = (
                self.series(node, name)[1] for name in ('descriptors', 'threads')
            )
            processor = self.series(node, 'processor')[1]
            found.update(
                {
                    f'{node}_memory_first_mb': memory[0] / 2**20,
                    f'{node}_memory_last_mb': memory[-1] / 2**20,
                    f'{node}_memory_mb_per_hour': slope(times, memory) * 3600 / 2**20,
                    f'{node}_descriptors_gained': descriptors[-1] - descriptors[0],
                    f'{node}_threads_gained': threads[-1] - threads[0],
                    f'{node}_processor_percent': 100
                    * (processor[-1] - processor[0])
                    / (times[-1] - times[0]),
                }
            )
        return {name: round(value, 2) for name, value in found.items()}


def slope(times: Sequence[float], values: Sequence[float]) -> float:
    """Return the slope of a straight line through values, by Theil and Sen: outliers do not count.

    Sen, Estimates of the regression coefficient based on Kendall's tau, 1968.
    """
    x, y = np.asarray(times, float), np.asarray(values, float)
    i, j = np.triu_indices(len(x), 1)
    i, j = i[x[j] > x[i]], j[x[j] > x[i]]
    return float(np.median((y[j] - y[i]) / (x[j] - x[i])))


def _taken(counts: Mapping[str, int]) -> int:
    """Return the messages that a node received or counted as lost."""
    return sum(
        counts.get(name, 0)
        for name in (
            'processed',
            'dropped_busy',
            'dropped_transport',
            'dropped_late',
            'bad_images',
            'bad_faces',
            'failed',
        )
    )


def write_soak_clip(file: Path) -> Path:
    """Write 20 seconds: empty, a face that passes, empty, a face that stays."""
    walking = face_at(photographs(), walk((120, 240), (520, 240), 180))
    staying = face_at(photographs(), [(320, 240)] * 210)
    frames = [
        *nobody(round(ABSENT[0] * FPS)),
        *(still.image for still in walking),
        *nobody(round(ABSENT[1] * FPS)),
        *(still.image for still in staying),
    ]
    return write_clip(file, frames, FPS)


def run(robot: Robot, seconds: float) -> Soak:
    """Run a soak on a robot whose camera waits for activation."""
    for node in (DETECTOR, CLASSIFIER):
        robot.wait_for_state(node, 'active')
    soak = Soak()
    soak.events = robot.listen(ExpressionEvent, 'expression_events')
    assert robot.transition(CAMERA, 'configure')
    robot.wait_for(
        lambda: (
            robot.node.count_subscribers('image_raw') and robot.node.count_publishers('image_raw')
        ),
        'a subscribed image',
    )
    before = connect(robot)
    assert robot.transition(CAMERA, 'activate')
    begin = time.monotonic()
    seen = len(robot.statuses)
    while (passed := time.monotonic() - begin) < seconds:
        time.sleep(min(PERIOD, seconds - passed))
        passed = time.monotonic() - begin
        soak.samples.append((passed, {node: holdings(robot.process(node).pid) for node in NODES}))
        for status in robot.statuses[seen:]:
            seen += 1
            latency = {v.key: v.value for v in status.values}.get('latency_median_ms')
            if CLASSIFIER in status.name and latency is not None:
                soak.latencies.append((passed, float(latency)))
    assert robot.transition(CAMERA, 'deactivate')
    soak.counts = {
        node: {
            name: count - before[node].get(name, 0) for name, count in _counts(robot, node).items()
        }
        for node in NODES
    }
    assert robot.transition(CLASSIFIER, 'deactivate')  # lets the last face leave
    robot.wait_for_status(
        CLASSIFIER, lambda s: any(v.value == 'inactive' for v in s.values), 'inactive'
    )
    return soak


def connect(robot: Robot) -> Mapping[str, Mapping[str, int]]:
    """Show frames until one reaches the classifier. Return the counts of all nodes so far.

    A frame that is lost before the first one that arrives has no number from which a node could
    count it, and a frame without a subscriber is not sent. On a busy machine, both last for
    seconds.
    """
    assert robot.transition(CAMERA, 'activate')
    robot.wait_for_status(
        CLASSIFIER,
        lambda s: any(v.key == 'processed' and v.value != '0' for v in s.values),
        'the first frame',
    )
    assert robot.transition(CAMERA, 'deactivate')
    return {node: _counts(robot, node) for node in NODES}


def _counts(robot: Robot, node: str) -> Mapping[str, int]:
    """Return the counts of a node when they no longer change."""
    last: dict[str, int] = {}
    while True:
        status = robot.wait_for_status(node, lambda s: True, 'counts')
        counts = {v.key: int(v.value) for v in status.values if v.value.isdecimal()}
        if counts == last:
            return counts
        last = counts


def table(figures: Mapping[str, float]) -> str:
    """Return figures as a Markdown table."""
    rows = '\n'.join(f'| {name} | {value:g} |' for name, value in figures.items())
    return f'| figure | value |\n|---|---|\n{rows}\n'


def main() -> int:
    """Run a soak and print its table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--minutes', type=float, default=30.0)
    parser.add_argument('--output', type=Path, help='JSON file for figures and samples')
    options = parser.parse_args()
    os.environ.setdefault('ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST')
    os.environ.setdefault('OMP_NUM_THREADS', '1')
    os.environ.update(middleware_environment(os.environ))
    with shared_memory_swept(), tempfile.TemporaryDirectory() as folder:
        clip = write_soak_clip(Path(folder) / 'soak.avi')
        with start(
            Path(folder), parameters={CAMERA: {'autostart': False}}, source=str(clip)
        ) as robot:
            soak = run(robot, options.minutes * 60)
    figures = soak.figures()
    print(table(figures))
    if options.output:
        options.output.write_text(
            json.dumps(
                {
                    'figures': figures,
                    'latency_ms': soak.latencies,
                    'memory_mb': {
                        node: list(zip(*soak.series(node, 'memory'), strict=True))
                        for node in NODES
                    },
                }
            )
        )
    return 0


if __name__ == '__main__':
    sys.exit(main())

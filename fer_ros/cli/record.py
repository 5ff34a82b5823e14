"""record: write face_emotions and the events of faces into a bag (rosbag2, MCAP).

It records no picture and no face crop unless --also names its topic.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import rclpy
from rclpy.clock import Clock, ClockType
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import HistoryPolicy, QoSProfile, ReliabilityPolicy

from fer_ros.core.arguments import ArgumentParser
from fer_ros.core.counting import count_text
from fer_ros.core.ending import end_event
from fer_ros.core.errors import BagError, FerError, printable
from fer_ros.core.paths import user_path
from fer_ros.ros import messages
from fer_ros.ros.base.command_line import split_arguments
from fer_ros.ros.base.diagnostics import SequenceCounter
from fer_ros.ros.base.distributions import with_info
from fer_ros.ros.base.peers import wait_for_peers
from fer_ros.ros.base.start import start_ros
from fer_ros.ros.contract import (
    ATTENTION_EVENTS,
    CAMERA_NODE,
    EMOTION_CLASSIFIER_NODE,
    EVENTS,
    EXPRESSION_EVENTS,
    FACE_DETECTOR_NODE,
    FACE_EMOTIONS,
    Topic,
)
from fer_ros.ros.recording.bag import Bag

#: Seconds between two times at which the bag is completed on disk. A kill loses at most these.
FLUSH_PERIOD = 1.0

#: Smallest number of messages of a topic that can wait while the disk is busy.
QUEUE = 100

ALWAYS = (FACE_EMOTIONS, EXPRESSION_EVENTS, ATTENTION_EVENTS)
TOPICS: Mapping[str, Topic] = {
    topic.name: topic
    for node in (CAMERA_NODE, FACE_DETECTOR_NODE, EMOTION_CLASSIFIER_NODE)
    for topic in node.publishes
    if not topic.name.startswith('~/')
}


class Recorder(Node):
    """Writes received messages into a new bag, in serialized form.

    Attributes:
        error: Why the recording ended early, or None.
        lost: Number of messages that did not arrive, if the middleware numbers them.
    """

    def __init__(self, folder: Path, topics: Sequence[Topic]) -> None:
        super().__init__('record')
        self.error: BagError | None = None
        self.lost = 0
        self.bag = Bag(
            folder, [(self.resolve_topic_name(topic.name), topic.type) for topic in topics]
        )
        for index, topic in enumerate(topics):
            if topic.picture:
                self.get_logger().warning(
                    f'{topic.name} shows people. It is recorded because you requested it'
                )
            self._subscribe(index, topic)
        self.create_timer(FLUSH_PERIOD, self._flush, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def _subscribe(self, index: int, topic: Topic) -> None:
        counter = SequenceCounter()

        def write(data: bytes, info: Mapping[str, int | None]) -> None:
            self.lost += counter.lost(info, self.count_publishers(topic.name)) or 0
            self._try(lambda: self.bag.write(index, self._now(), data))

        # Best effort is compatible with every publisher. Events are requested again if they are
        # lost.
        reliable = topic.qos == EVENTS
        qos = QoSProfile(
            history=HistoryPolicy.KEEP_LAST,
            depth=max(QUEUE, topic.qos.depth),
            reliability=(
                ReliabilityPolicy.RELIABLE if reliable else ReliabilityPolicy.BEST_EFFORT
            ),
        )
        self.create_subscription(
            messages.message_type(topic.type), topic.name, with_info(write), qos, raw=True
        )

    def _now(self) -> int:
        return int(self.get_clock().now().nanoseconds)

    def _flush(self) -> None:
        self._try(self.bag.flush)

    def _try(self, write: Callable[[], None]) -> None:
        if self.error is None:
            try:
                write()
            except BagError as error:
                self.error = error


def record(folder: Path, topics: Sequence[Topic], arguments: Sequence[str]) -> int:
    """Record until a signal or an error. Return the exit code."""
    stopping = end_event()
    if not wait_for_peers(stopping, rclpy.logging.get_logger('record').warning):
        return 0
    try:
        start_ros(arguments)
    except FerError as error:
        print(f'record: {error}', file=sys.stderr)
        return 1
    executor = SingleThreadedExecutor()
    name = printable(str(folder))
    recorder = None
    try:
        recorder = Recorder(folder, topics)
        executor.add_node(recorder)
        print(f'recording {", ".join(topic.name for topic in topics)} into {name}', flush=True)
        while not stopping.is_set() and recorder.error is None:
            executor.spin_once(timeout_sec=0.2)
        if recorder.error is not None:
            raise recorder.error
        recorder.bag.close()
    except BagError as error:
        print(f'record: {error}', file=sys.stderr)
        return 1
    finally:
        executor.shutdown()
        if recorder is not None:
            recorder.destroy_node()
        rclpy.try_shutdown()
    lost = f'; {recorder.lost} did not arrive' if recorder.lost else ''
    print(f'recorded {count_text(recorder.bag.messages, "message")} into {name}{lost}')
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and record."""
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = ArgumentParser(
        prog='record',
        description=__doc__,
        epilog='Read it with ros2 bag, Foxglove, or the Python library rosbags. To record in a '
        'namespace, add --ros-args -r __ns:=/robot1',
    )
    parser.add_argument(
        '-o',
        '--out',
        '--output',
        type=Path,
        metavar='FOLDER',
        default=Path(f'fer_ros_{datetime.now():%Y_%m_%d-%H_%M_%S}'),
        help='new folder for the bag (default: fer_ros_ and the time)',
    )
    parser.add_argument(
        '--also',
        nargs='+',
        action='extend',
        default=[],
        metavar='TOPIC',
        choices=[name for name in TOPICS if name not in ALWAYS],
        help='further topics to record; image_raw, image_raw/compressed and faces show people. '
        'One or more of %(choices)s',
    )
    own, _ = split_arguments(arguments)
    options = parser.parse_args(own)
    names = [*ALWAYS, *dict.fromkeys(options.also)]
    return record(user_path(options.out), [TOPICS[name] for name in names], arguments)

"""Bags (MCAP and rosbag2), read without ROS by the library rosbags."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from fer_ros.core.errors import FerError, SourceError
from fer_ros.core.sources.base import FrameSource
from fer_ros.core.stamp_order import UsableStamps
from fer_ros.core.types import S_TO_NS, Frame
from fer_ros.offline.inputs.image_messages import IMAGE_TYPES, frame_of

Value = TypeVar('Value')

BAG_SUFFIXES = frozenset(('.mcap', '.db3'))

#: The type that emotion_classifier_node publishes and record writes.
FACE_EMOTIONS = 'fer_msgs/msg/FaceEmotionArray'
EXPRESSION_EVENT = 'fer_msgs/msg/ExpressionEvent'
ATTENTION_EVENT = 'fer_msgs/msg/AttentionEvent'

#: Frames per second that are assumed if the stamps of a bag do not show the rate.
FALLBACK_FPS = 30.0
#: Highest plausible number of frames per second of a camera.
HIGHEST_FPS = 1000.0


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic in a bag: its type as package/msg/Type, and the number of its messages."""

    name: str
    type: str
    count: int


def is_bag_folder(path: Path) -> bool:
    """Return whether a folder is a bag of rosbag2."""
    return os.path.isfile(path / 'metadata.yaml')


def list_topics(path: Path) -> list[Topic]:
    """Return the topics of a bag.

    Raises:
        SourceError: The bag cannot be read.
    """
    with closing(open_bag(path)) as reader:
        return [
            Topic(name, info.msgtype or '', info.msgcount)
            for name, info in sorted(reader.topics.items())
        ]


def choose_topics(topics: Sequence[Topic], wanted: Sequence[str]) -> list[Topic]:
    """Return the topics to annotate: the requested ones, or the only one.

    It is a topic of images, or in a bag without images, a topic of recorded results.

    Raises:
        SourceError: The topic is missing or the choice is not unique. The error names the topics.
    """
    images = [topic for topic in topics if topic.type in IMAGE_TYPES]
    recorded = [topic for topic in topics if topic.type == FACE_EMOTIONS]
    if wanted:
        by_name = {topic.name: topic for topic in images + recorded}
        missing = [name for name in wanted if name not in by_name]
        if missing:
            raise SourceError(
                f'this bag has no images on topic {", ".join(missing)}; topics with images: '
                f'{", ".join(by_name) or "none"}'
            )
        return [by_name[name] for name in dict.fromkeys(wanted)]
    candidates = images or recorded
    if not candidates:
        there = ', '.join(f'{topic.name} ({topic.type})' for topic in topics)
        raise SourceError(f'this bag contains no images, only {there or "nothing"}')
    if len(candidates) > 1:
        names = ', '.join(topic.name for topic in candidates)
        raise SourceError(
            f'this bag has several topics to annotate, {names}: select one with --topic, which '
            'you can repeat'
        )
    return candidates


class BagMessages(Iterator[Value]):
    """The messages of a topic in the order of recording, converted.

    A message that cannot be converted is skipped and counted.

    Args:
        reader: Must be open.
        convert: Called with a message and its time of recording in nanoseconds. It can raise any
            error.

    Attributes:
        skipped: Number of skipped messages.
        warning: What was skipped, or that the bag ends early.
    """

    def __init__(self, reader: Any, topic: Topic, convert: Callable[[Any, int], Value]) -> None:
        wanted = (topic.name, topic.type)
        connections = [one for one in reader.connections if (one.topic, one.msgtype) == wanted]
        self._reader = reader
        self._count = topic.count
        self._convert = convert
        # Without connections, rosbags returns the messages of all topics.
        self._messages = reader.messages(connections=connections) if connections else iter(())
        self.skipped = 0
        self.warning = ''
        self._first_error = ''

    def __next__(self) -> Value:
        while True:
            try:
                connection, time, data = next(self._messages)
            except StopIteration:
                raise
            except Exception as error:  # A damaged file can raise any error.
                ended = f'the bag is damaged and ends early ({error})'
                self.warning = '; '.join(filter(None, (self.warning, ended)))
                raise StopIteration from error
            try:
                return self._convert(self._reader.deserialize(data, connection.msgtype), time)
            except Exception as error:  # So can a damaged message.
                self._skip(error)

    def _skip(self, error: Exception) -> None:
        self.skipped += 1
        kind = '' if isinstance(error, FerError) else f'{type(error).__name__}: '
        self._first_error = self._first_error or f'{kind}{error}'
        self.warning = (
            f'{self.skipped} of {self._count} messages were skipped; the reason for the first '
            f'one: '
            f'{self._first_error}'
        )


class BagSource(FrameSource):
    """The images of a topic in the order of recording, with the stamps of their headers.

    A message that is not an image is skipped and counted in `dropped`. An unusable stamp is
    replaced by the time of recording. `warning` lists both.
    """

    def __init__(self, path: Path, topic: Topic) -> None:
        self._path = path
        self._topic = topic
        self._reader: Any = None
        self._frames: BagMessages[Frame] | None = None
        self.description = f'{topic.name} of bag {path.name}'

    def open(self) -> None:
        """Open the bag.

        Raises:
            SourceError: The bag cannot be opened.
        """
        self.close()
        self._reader = open_bag(self._path)
        self._frames = BagMessages(self._reader, self._topic, self._frame)
        self.length = self._topic.count
        self.fps = rate_of(self._topic, self._reader)
        self.dropped = 0
        self.warning = ''
        self._stamps = UsableStamps()
        self._stamp_fault = ''

    def read(self) -> Frame | None:
        """Return the next image, or None at the end or at damaged data."""
        if self._frames is None:
            return None
        frame = next(self._frames, None)
        self.dropped = self._frames.skipped
        self.warning = '; '.join(filter(None, (self._frames.warning, self._stamp_fault)))
        return frame

    def close(self) -> None:
        """Close the bag."""
        reader, self._reader, self._frames = self._reader, None, None
        if reader is not None:
            reader.close()

    def _frame(self, message: Any, recorded: int) -> Frame:
        stamp = message.header.stamp
        frame = frame_of(message, recorded)
        usable = self._stamps.of(int(stamp.sec * S_TO_NS + stamp.nanosec), recorded)
        if not self._stamps.fault:
            return frame
        self._stamp_fault = f'images {self._stamps.fault}: the time of recording is used'
        return replace(frame, stamp=usable)


def rate_of(topic: Topic, reader: Any) -> float:
    """Return the approximate messages per second of a topic.

    In converted bags, all messages can have the same time of recording. Their rate is unknown.

    Args:
        reader: Must be open.
    """
    seconds = reader.duration / S_TO_NS
    # A damaged index can give any duration.
    rate = (topic.count - 1) / seconds if topic.count > 1 and seconds > 0 else math.inf
    return rate if rate <= HIGHEST_FPS else FALLBACK_FPS


def open_bag(path: Path) -> Any:
    """Return an open AnyReader.

    Raises:
        SourceError: The bag cannot be read.
    """
    try:
        from rosbags.highlevel import AnyReader
        from rosbags.typesys import Stores, get_typestore
    except ImportError as error:
        raise SourceError(
            f'bags need the library rosbags ({error}): run pip install rosbags'
        ) from error
    try:
        # Bags of Humble in sqlite3 contain no definitions. Image messages are the same in all
        # versions.
        reader = AnyReader([path], default_typestore=get_typestore(Stores.ROS2_HUMBLE))
        reader.open()
    except Exception as error:  # A damaged bag can raise any error.
        raise SourceError(
            f'the bag cannot be read ({error}): ros2 bag reindex may repair it'
        ) from error
    return reader

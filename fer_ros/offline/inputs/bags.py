"""Bags, MCAP and rosbag2, read without ROS by the library rosbags."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fer_ros.core.errors import EncodingError, SourceError
from fer_ros.core.sources.base import FrameSource
from fer_ros.core.stamp_order import UsableStamps
from fer_ros.core.types import S_TO_NS, Frame
from fer_ros.offline.inputs.image_messages import IMAGE_TYPES, frame_of

BAG_SUFFIXES = frozenset(('.mcap', '.db3'))

#: What emotion_classifier_node publishes, and record records.
FACE_EMOTIONS = 'fer_msgs/msg/FaceEmotionArray'
EXPRESSION_EVENT = 'fer_msgs/msg/ExpressionEvent'
ATTENTION_EVENT = 'fer_msgs/msg/AttentionEvent'

#: Of a bag whose stamps tell no rate, frames per second.
FALLBACK_FPS = 30.0
#: Frames per second that no camera exceeds.
HIGHEST_FPS = 1000.0


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic in a bag: type as package/msg/Type, count of its messages."""

    name: str
    type: str
    count: int


def is_bag_folder(path: Path) -> bool:
    """Tell whether a folder is one of rosbag2."""
    return (path / 'metadata.yaml').is_file()


def list_topics(path: Path) -> list[Topic]:
    """Return what is in a bag. Raises SourceError."""
    with closing(open_bag(path)) as reader:
        return [
            Topic(name, info.msgtype or '', info.msgcount)
            for name, info in sorted(reader.topics.items())
        ]


def choose_topics(topics: Sequence[Topic], wanted: Sequence[str]) -> list[Topic]:
    """Return the topics to annotate: those wanted, else the only one.

    That is one of images, or in a bag without images one of what was found in some.
    Raises SourceError, naming what there is, where one is missing or several could be meant.
    """
    images = [topic for topic in topics if topic.type in IMAGE_TYPES]
    recorded = [topic for topic in topics if topic.type == FACE_EMOTIONS]
    if wanted:
        by_name = {topic.name: topic for topic in images + recorded}
        missing = [name for name in wanted if name not in by_name]
        if missing:
            raise SourceError(
                f'there are no images of topic {", ".join(missing)} in this bag, but of '
                f'{", ".join(by_name) or "none"}'
            )
        return [by_name[name] for name in dict.fromkeys(wanted)]
    candidates = images or recorded
    if not candidates:
        there = ', '.join(f'{topic.name} ({topic.type})' for topic in topics)
        raise SourceError(f'there are no images in this bag, only {there or "nothing"}')
    if len(candidates) > 1:
        names = ', '.join(topic.name for topic in candidates)
        raise SourceError(
            f'several topics of this bag can be annotated, {names}: choose with --topic, '
            'which may be given several times'
        )
    return candidates


class BagSource(FrameSource):
    """The images of a topic in the order they were recorded, stamped by their headers.

    A message that is not a picture is left out and counted in `dropped`. A stamp of no use is
    replaced by the time of recording. `warning` lists both.
    """

    def __init__(self, path: Path, topic: Topic) -> None:
        self._path = path
        self._topic = topic
        self._reader: Any = None
        self._messages: Iterator[Any] = iter(())
        self.description = f'{topic.name} of bag {path.name}'

    def open(self) -> None:
        """Open the bag; raise SourceError where that cannot be done."""
        self.close()
        self._reader = reader = open_bag(self._path)
        connections = [one for one in reader.connections if one.topic == self._topic.name]
        self._messages = reader.messages(connections=connections)
        self.length = self._topic.count
        self.fps = rate_of(self._topic, reader)
        self.dropped = 0
        self.warning = ''
        self._stamps = UsableStamps()
        self._stamp_fault = self._first_error = ''

    def read(self) -> Frame | None:
        """Return the next picture; None at the end, and where the bag is damaged."""
        while self._reader is not None:
            try:
                connection, time, data = next(self._messages)
            except StopIteration:
                return None
            except Exception as error:  # a damaged file shows in many ways
                self.warning = f'the bag ends early, it is damaged ({error})'
                return None
            try:
                message = self._reader.deserialize(data, connection.msgtype)
                return self._usably_stamped(message.header.stamp, frame_of(message, time), time)
            except Exception as error:  # and so does a damaged message
                self._leave_out(error)
        return None

    def close(self) -> None:
        """Close the bag."""
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()

    def _usably_stamped(self, stamp: Any, frame: Frame, recorded: int) -> Frame:
        usable = self._stamps.of(int(stamp.sec * S_TO_NS + stamp.nanosec), recorded)
        if not self._stamps.fault:
            return frame
        self._stamp_fault = self._stamps.fault
        self._tell()
        return replace(frame, stamp=usable)

    def _leave_out(self, error: Exception) -> None:
        self.dropped += 1
        kind = '' if isinstance(error, EncodingError) else f'{type(error).__name__}: '
        self._first_error = self._first_error or f'{kind}{error}'
        self._tell()

    def _tell(self) -> None:
        parts = []
        if self.dropped:
            parts.append(
                f'{self.dropped} of {self.length} messages left out, the first because '
                f'{self._first_error}'
            )
        if self._stamp_fault:
            parts.append(f'images {self._stamp_fault}: the time of recording is used instead')
        self.warning = '; '.join(parts)


def rate_of(topic: Topic, reader: Any) -> float:
    """Return the messages per second of a topic, about; reader: open.

    Converted bags may have all messages at one time of recording: their rate is unknown.
    """
    seconds = reader.duration / S_TO_NS
    rate = (topic.count - 1) / seconds if topic.count > 1 and seconds else math.inf
    return rate if rate <= HIGHEST_FPS else FALLBACK_FPS


def open_bag(path: Path) -> Any:
    """Return an open AnyReader. Raises SourceError."""
    try:
        from rosbags.highlevel import AnyReader
        from rosbags.typesys import Stores, get_typestore
    except ImportError as error:
        raise SourceError(
            f'bags need the library rosbags ({error}): pip install rosbags'
        ) from error
    try:
        # Bags of Humble in sqlite3 hold no definitions; images are the same in all.
        reader = AnyReader([path], default_typestore=get_typestore(Stores.ROS2_HUMBLE))
        reader.open()
    except Exception as error:  # a damaged bag shows in many ways
        raise SourceError(
            f'the bag cannot be read ({error}): ros2 bag reindex may repair it'
        ) from error
    return reader

"""Bags: written from frames, and read back, with the library rosbags."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from rosbags.highlevel import AnyReader
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore

STORE = get_typestore(Stores.ROS2_JAZZY)


def write_image_bag(folder: Path, frames: Iterable[tuple[int, np.ndarray]]) -> Path:
    """Write /image_raw from stamps in nanoseconds and bgr8 images; return the folder."""
    image_type = STORE.types['sensor_msgs/msg/Image']
    header_type = STORE.types['std_msgs/msg/Header']
    time_type = STORE.types['builtin_interfaces/msg/Time']
    with Writer(folder, version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        connection = writer.add_connection('/image_raw', 'sensor_msgs/msg/Image', typestore=STORE)
        for stamp, image in frames:
            seconds, nanoseconds = divmod(stamp, 1_000_000_000)
            message = image_type(
                header=header_type(
                    stamp=time_type(sec=seconds, nanosec=nanoseconds), frame_id='eye'
                ),
                height=image.shape[0],
                width=image.shape[1],
                encoding='bgr8',
                is_bigendian=0,
                step=image.shape[1] * 3,
                data=image.reshape(-1),
            )
            writer.write(connection, stamp, STORE.serialize_cdr(message, 'sensor_msgs/msg/Image'))
    return folder


def read_raw(folder: Path) -> list[tuple[str, int, bytes]]:
    """Return topic, time in nanoseconds and serialised message of everything in a bag."""
    with AnyReader([folder]) as reader:
        return [
            (connection.topic, time, bytes(data)) for connection, time, data in reader.messages()
        ]


def read(folder: Path) -> dict[str, list[Any]]:
    """Return the messages of a bag by topic, deserialised by the definitions in the bag."""
    with AnyReader([folder]) as reader:
        messages: dict[str, list[Any]] = {
            connection.topic: [] for connection in reader.connections
        }
        for connection, _, data in reader.messages():
            messages[connection.topic].append(reader.deserialize(data, connection.msgtype))
        return messages

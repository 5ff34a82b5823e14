"""The MCAP writer, read back by a library of another project. Needs no ROS."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

pytest.importorskip('rosbags', reason='no rosbags: pip install rosbags')

from rosbags.rosbag2.storage_mcap import McapReader

from fer_ros.ros.recording import mcap
from fer_ros.ros.recording.mcap import McapWriter

DEFINITION = 'string data\n'


def read(path: Path) -> list[tuple[str, int, bytes]]:
    reader = McapReader(path)
    reader.open()
    try:
        return [
            (connection.topic, time, data)
            for connection, time, data in reader.messages(reader.connections)
        ]
    finally:
        reader.close()


@pytest.fixture
def writer(tmp_path):
    writer = McapWriter(tmp_path / 'a.mcap', 'test')
    yield writer
    writer.close()


@pytest.fixture
def path(tmp_path):
    return tmp_path / 'a.mcap'


def test_a_new_file_can_be_read_at_once(writer, path):
    assert read(path) == []
    writer.add_channel('/a', 'std_msgs/msg/String', DEFINITION, {})
    assert read(path) == []


def test_everything_up_to_the_last_flush_can_be_read_without_close(writer, path):
    first = writer.add_channel('/a', 'std_msgs/msg/String', DEFINITION, {})
    second = writer.add_channel('/b', 'std_msgs/msg/String', DEFINITION, {})
    writer.add(first, 5, b'one')
    writer.add(second, 7, b'two')
    assert read(path) == []
    writer.flush()
    writer.add(first, 9, b'three')
    assert read(path) == [('/a', 5, b'one'), ('/b', 7, b'two')]
    assert writer.counts == (1, 1)
    writer.close()
    assert read(path)[2:] == [('/a', 9, b'three')]


@pytest.mark.parametrize('flush_every', [1, 3, 1000])
def test_messages_keep_order_and_bytes_over_many_chunks(writer, path, monkeypatch, flush_every):
    monkeypatch.setattr(mcap, 'CHUNK_BYTES', 300)
    channels = [
        writer.add_channel(name, 'std_msgs/msg/String', DEFINITION, {}) for name in ('/a', '/b')
    ]
    expected = []
    for number in range(50):
        data = bytes([number]) * (1 + number % 17)
        writer.add(channels[number % 2], 1000 + number, data)
        expected.append((('/a', '/b')[number % 2], 1000 + number, data))
        if number % flush_every == 0:
            writer.flush()
            assert read(path) == expected
    writer.close()
    assert read(path) == expected
    assert writer.times == (1000, 1049)


def test_the_index_describes_the_contents_of_the_file(writer, path, monkeypatch):
    monkeypatch.setattr(mcap, 'CHUNK_BYTES', 100)
    channel = writer.add_channel('/a', 'std_msgs/msg/String', DEFINITION, {'key': 'value'})
    for number in range(20):
        writer.add(channel, 20 - number, b'x' * 10)
    writer.close()
    reader = McapReader(path)
    reader.open()
    assert len(reader.chunks) > 3
    assert sum(sum(chunk.channel_count.values()) for chunk in reader.chunks) == 20
    assert reader.metadata.message_count == 20
    assert (reader.metadata.start_time, reader.metadata.duration) == (1, 20)
    (connection,) = reader.connections
    assert (connection.msgtype, connection.msgdef.data) == ('std_msgs/msg/String', DEFINITION)
    # Out of order as they came, in order as they are read.
    assert [time for _, time, _ in reader.messages(reader.connections)] == list(range(1, 21))
    reader.close()


def test_a_message_larger_than_a_chunk_is_one_chunk(writer, path, monkeypatch):
    monkeypatch.setattr(mcap, 'CHUNK_BYTES', 100)
    channel = writer.add_channel('/a', 'std_msgs/msg/String', DEFINITION, {})
    writer.add(channel, 1, b'y' * 5000)
    assert read(path) == [('/a', 1, b'y' * 5000)]


@pytest.mark.parametrize('room', [0, 10, 200, 1500])
def test_after_a_full_disk_the_earlier_messages_can_be_read(writer, path, monkeypatch, room):
    """The limit is the space on the disk, at any position of the writing."""
    channel = writer.add_channel('/a', 'std_msgs/msg/String', DEFINITION, {})
    writer.add(channel, 1, b'kept')
    writer.flush()
    limit = path.stat().st_size + room
    pwrite = os.pwrite

    def full(file, data, offset):
        if offset >= limit:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return pwrite(file, data[: limit - offset], offset)

    monkeypatch.setattr(os, 'pwrite', full)
    writer.add(channel, 2, b'z' * 2000)
    with pytest.raises(OSError, match='No space left'):
        writer.flush()
    assert read(path) == [('/a', 1, b'kept')]
    assert writer.counts == (1,)
    with pytest.raises(OSError, match='cannot be written after'):
        writer.flush()
    writer.close()
    assert read(path) == [('/a', 1, b'kept')]


def test_a_channel_after_the_first_message_is_refused(writer):
    channel = writer.add_channel('/a', 'std_msgs/msg/String', DEFINITION, {})
    writer.add(channel, 1, b'')
    with pytest.raises(ValueError, match='/b is too late'):
        writer.add_channel('/b', 'std_msgs/msg/String', DEFINITION, {})


def test_an_existing_file_is_not_changed(writer, path):
    with pytest.raises(FileExistsError):
        McapWriter(path, 'test')

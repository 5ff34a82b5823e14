"""MCAP files that are complete after every flush, however the process ends. Imports no ROS.

The format is that of https://mcap.dev/spec. Data is in chunks, and a summary with an index ends
the file. Each flush writes the growing chunk, and the summary after it, over those of the last
flush. The file then needs neither closing nor repair, and cannot be read only during a flush.
Memory contains one chunk and the index.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

MAGIC = b'\x89MCAP0\r\n'

#: Bytes of messages after which a new chunk begins.
CHUNK_BYTES = 1 << 18

_HEADER, _FOOTER, _SCHEMA, _CHANNEL, _MESSAGE = 1, 2, 3, 4, 5
_CHUNK, _MESSAGE_INDEX, _CHUNK_INDEX, _STATISTICS, _DATA_END = 6, 7, 8, 0x0B, 0x0F

_NO_CRC = 0


class McapWriter:
    """Writes a new file. After flush(), everything that was added can be read.

    Raises:
        FileExistsError: The file exists.
        OSError: It cannot be written. After an OSError of add() or flush(), the file has the
            content of the last flush and cannot be continued.
    """

    def __init__(self, path: Path, library: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        self._failed = False
        self._schemas: list[bytes] = []
        self._channels: list[bytes] = []
        self._counts: list[int] = []
        self._written: tuple[int, ...] = ()
        self._chunk_indexes: list[bytes] = []
        self._first_time, self._last_time = 0, 0
        # End of the final data. The next flush replaces the data after it.
        self._end = 0
        self._replaceable = b''
        self._begin_chunk()
        head = MAGIC + _record(_HEADER, _string('ros2') + _string(library))
        try:
            self._write(head, b'')
        except OSError:
            self.close()
            raise

    @property
    def counts(self) -> Sequence[int]:
        """Return the number of messages of each channel in the file since the last flush."""
        return self._written

    @property
    def times(self) -> tuple[int, int]:
        """Return the first and the last time of a message in nanoseconds, 0 without messages."""
        return self._first_time, self._last_time

    def add_channel(
        self,
        topic: str,
        type_name: str,
        definition: str,
        metadata: Mapping[str, str],
    ) -> int:
        """Add a topic of serialised ROS 2 messages and return its number.

        Args:
            type_name: package/msg/Type.
            definition: The .msg text, with those of its fields.

        Raises:
            ValueError: A message was added before. Add all channels before the first message.
        """
        if any(self._counts):
            raise ValueError(f'{topic} is too late: add all channels before the first message')
        number = len(self._channels)
        schema = _record(
            _SCHEMA,
            struct.pack('<H', number + 1)
            + _string(type_name)
            + _string('ros2msg')
            + _string(definition),
        )
        pairs = b''.join(_string(key) + _string(value) for key, value in metadata.items())
        channel = _record(
            _CHANNEL,
            struct.pack('<HH', number, number + 1)
            + _string(topic)
            + _string('cdr')
            + _sized(pairs),
        )
        self._schemas.append(schema)
        self._channels.append(channel)
        self._counts.append(0)
        self._write(schema + channel, b'')
        return number

    def add(self, channel: int, time: int, data: bytes) -> None:
        """Add a serialised message, received at a time in nanoseconds."""
        start = len(self._messages)
        self._messages += _record(
            _MESSAGE, struct.pack('<HIQQ', channel, self._counts[channel], time, time) + data
        )
        self._index.setdefault(channel, []).append((time, start))
        self._first_time = min(time, self._first_time) if any(self._counts) else time
        self._last_time = max(time, self._last_time)
        self._counts[channel] += 1
        if len(self._messages) >= CHUNK_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write the added messages, and complete the file."""
        chunk = self._chunk()
        if len(self._messages) < CHUNK_BYTES:
            self._write(b'', chunk)
            return
        index = self._chunk_index(len(chunk))
        self._chunk_indexes.append(index)
        self._begin_chunk()
        self._write(chunk, b'')

    def close(self) -> None:
        """Flush and close. Twice does nothing."""
        if self._file < 0:
            return
        try:
            if not self._failed:
                self.flush()
        finally:
            os.close(self._file)
            self._file = -1

    def _begin_chunk(self) -> None:
        self._messages = bytearray()
        self._index: dict[int, list[tuple[int, int]]] = {}

    def _write(self, lasting: bytes, growing: bytes) -> None:
        """Write after the end: final data, then data that the next flush replaces, then the
        summary.

        This is one write in place. If the disk is full, the old content can be restored.
        """
        if self._failed:
            raise OSError('the file cannot be written after an earlier error')
        end = self._end + len(lasting)
        replaceable = growing + self._summary(end, growing)
        try:
            _write_at(self._file, lasting + replaceable, self._end)
        except OSError:
            self._failed = True
            # This space was already in use, so it is available on a full disk, too.
            _write_at(self._file, self._replaceable, self._end)
            os.ftruncate(self._file, self._end + len(self._replaceable))
            raise
        self._end, self._replaceable = end, replaceable
        self._written = tuple(self._counts)

    def _chunk(self) -> bytes:
        """Return the growing chunk with its message indexes, nothing while it is empty."""
        if not self._messages:
            return b''
        messages = bytes(self._messages)
        first, last = self._chunk_times()
        chunk = _record(
            _CHUNK,
            struct.pack('<QQQI', first, last, len(messages), zlib.crc32(messages))
            + _string('')
            + struct.pack('<Q', len(messages))
            + messages,
        )
        return chunk + b''.join(self._message_indexes())

    def _message_indexes(self) -> list[bytes]:
        return [
            _record(
                _MESSAGE_INDEX,
                struct.pack('<H', channel)
                + _sized(b''.join(struct.pack('<QQ', *entry) for entry in entries)),
            )
            for channel, entries in self._index.items()
        ]

    def _chunk_times(self) -> tuple[int, int]:
        times = [time for entries in self._index.values() for time, _ in entries]
        return min(times), max(times)

    def _chunk_index(self, length: int) -> bytes:
        """Return the index record of the growing chunk, which is written at the end."""
        indexes = self._message_indexes()
        indexes_length = sum(map(len, indexes))
        offset = self._end + length - indexes_length
        chunk_length = length - indexes_length
        offsets = b''
        for channel, index in zip(self._index, indexes, strict=True):
            offsets += struct.pack('<HQ', channel, offset)
            offset += len(index)
        size = len(self._messages)
        return _record(
            _CHUNK_INDEX,
            struct.pack('<QQQQ', *self._chunk_times(), self._end, chunk_length)
            + _sized(offsets)
            + struct.pack('<Q', indexes_length)
            + _string('')
            + struct.pack('<QQ', size, size),
        )

    def _summary(self, end: int, growing: bytes) -> bytes:
        """Return the end of the file, for final data up to `end` and a chunk after it."""
        indexes = list(self._chunk_indexes)
        if growing:
            indexes.append(self._chunk_index(len(growing)))
        counts = b''.join(struct.pack('<HQ', *entry) for entry in enumerate(self._counts))
        statistics = _record(
            _STATISTICS,
            struct.pack(
                '<QHIIIIQQ',
                sum(self._counts),
                len(self._schemas),
                len(self._channels),
                0,
                0,
                len(indexes),
                self._first_time,
                self._last_time,
            )
            + _sized(counts),
        )
        data_end = _record(_DATA_END, struct.pack('<I', _NO_CRC))
        summary = b''.join([*self._schemas, *self._channels, statistics, *indexes])
        start = end + len(growing) + len(data_end)
        footer = _record(_FOOTER, struct.pack('<QQI', start, 0, _NO_CRC))
        return data_end + summary + footer + MAGIC


def _record(kind: int, content: bytes) -> bytes:
    return struct.pack('<BQ', kind, len(content)) + content


def _sized(data: bytes) -> bytes:
    return struct.pack('<I', len(data)) + data


def _string(text: str) -> bytes:
    return _sized(text.encode())


def _write_at(file: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(file, view, offset)
        view, offset = view[written:], offset + written

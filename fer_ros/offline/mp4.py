"""Frame times of an MP4 file that was written at a constant rate.

OpenCV writes frames at equal distances only; a bag's or a telephone's are not. The box that ends
such a file says when each frame is shown, so it is written anew (ISO/IEC 14496-12, 8.6.1).
"""

from __future__ import annotations

import itertools
import os
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

from fer_ros.core.errors import OutputError

#: Ticks of a second: that of MPEG, which every usual rate divides.
TIMESCALE = 90_000

_CONTAINERS = (b'moov', b'trak', b'mdia', b'minf', b'stbl')
_MAX_TICKS = 2**32 - 1


def set_frame_times(path: Path, times: Sequence[float], end: float) -> None:
    """Make frame n of a file show at times[n], seconds, and the last one until `end`.

    Raises OutputError where the file does not hold these frames: it was not written whole.
    """
    with path.open('r+b') as file:
        position = _find_index(file.fileno(), path)
        file.seek(position)
        index = file.read()
        frames = _frame_count(index)
        if frames != len(times):
            raise _broken(path, f'it holds {frames} of {len(times)} frames')
        ticks = [round((time - times[0]) * TIMESCALE) for time in (*times, end)]
        file.seek(position)
        file.write(_rewritten(index, ticks))
        file.truncate()


def _find_index(file: int, path: Path) -> int:
    """Return where the box of all times and places begins; it is the last one."""
    position, size = 0, os.fstat(file).st_size
    while position < size:
        head = os.pread(file, 16, position)
        if len(head) < 8:
            break
        length, kind = struct.unpack('>I4s', head[:8])
        if length == 1 and len(head) == 16:
            (length,) = struct.unpack('>Q', head[8:])
        if length < 8 or position + length > size:
            break
        if kind == b'moov' and position + length == size:
            return position
        position += length
    raise _broken(path, 'its end is missing')


def _broken(path: Path, reason: str) -> OutputError:
    return OutputError(
        f'the video {path.name} was not written whole ({reason}), the disk may be full: make '
        'room, then give the same command again, it goes on where it ended')


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield kind and content of boxes that lie one behind the other."""
    position = 0
    while position + 8 <= len(data):
        length, kind = struct.unpack('>I4s', data[position:position + 8])
        yield kind, data[position + 8:position + length]
        position += length


def _frame_count(index: bytes) -> int:
    """Return how many frames the table of sizes lists."""
    for kind, content in _boxes(index):
        if kind in _CONTAINERS and (count := _frame_count(content)):
            return count
        if kind == b'stsz':
            return int(struct.unpack('>I', content[8:12])[0])
    return 0


def _rewritten(data: bytes, ticks: Sequence[int]) -> bytes:
    """Return boxes with times and lengths in place of those they had."""
    parts = []
    for kind, content in _boxes(data):
        # Edits would move the frames again.
        if kind != b'edts':
            body = _body(kind, content, ticks)
            parts.append(struct.pack('>I4s', 8 + len(body), kind) + body)
    return b''.join(parts)


def _body(kind: bytes, content: bytes, ticks: Sequence[int]) -> bytes:
    length = min(ticks[-1], _MAX_TICKS)
    if kind in _CONTAINERS:
        return _rewritten(content, ticks)
    if kind == b'stts':
        return _time_table(ticks)
    # In movie, media and track header (version 0) the timescale lies before the length or apart.
    if kind in (b'mvhd', b'mdhd'):
        return content[:12] + struct.pack('>II', TIMESCALE, length) + content[20:]
    if kind == b'tkhd':
        return content[:20] + struct.pack('>I', length) + content[24:]
    return content


def _time_table(ticks: Sequence[int]) -> bytes:
    """Return the decoding time to sample box: how many frames last how long."""
    distances = [after - before for before, after in itertools.pairwise(ticks)]
    entries = b''.join(
        struct.pack('>II', sum(1 for _ in run), distance)
        for distance, run in itertools.groupby(distances))
    return struct.pack('>II', 0, len(entries) // 8) + entries

"""Videos and streams with PyAV, the Python binding of FFmpeg."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from fer_ros.core.errors import SourceError
from fer_ros.core.sources.capture import Capture, no_video, square_size
from fer_ros.core.sources.combing import CombDetector

#: Threads of a decoder. Each keeps one more frame in memory. More would use the cores of the
#: models.
_THREADS = 2

#: FFmpeg must read only this file, even if it names other files. These are container options,
#: because PyAV before 17.1 crashes with options for streams that are found later.
_FILE_OPTIONS = {'protocol_whitelist': 'file,crypto,data'}

#: UDP loses packets, which smears pictures.
_URL_OPTIONS = {'rtsp_transport': 'tcp'}

#: Containers that announce their length. FFmpeg measures or estimates the length of others.
_TELL_LENGTH = ('mov', 'mp4', 'avi', 'matroska', 'webm', 'flv', 'asf')

#: Seconds, frames, and part of the length by which complete files can be shorter than announced.
_SECONDS_SHORT, _FRAMES_SHORT, _PART_SHORT = 0.05, 1.5, 0.01

#: Largest number of packets that wait for their frame.
_UNDER_WAY = 64

#: FFmpeg's filters for rotations by degrees clockwise.
_TURNS = {90: ('transpose', 'clock'), 180: ('rotate', 'PI'), 270: ('transpose', 'cclock')}


class PyavCapture(Capture):
    """The first video of a file or stream.

    Interlaced frames are deinterlaced (bwdif): marked ones, and all frames of a video with
    combing.
    """

    def __init__(self, container: Any, live: bool) -> None:
        self._container = container
        pictures = [stream for stream in container.streams.video if not _is_cover(stream)]
        if not pictures:
            raise no_video('it contains sound or data, but no video')
        self._stream = stream = pictures[0]
        if stream.codec_context is None:
            raise no_video('this FFmpeg has no decoder for its video')
        # Live streams use one thread, because frames that are decoded in parallel arrive later.
        stream.thread_type = 'SLICE' if live else 'FRAME'
        stream.codec_context.thread_count = _THREADS
        self.size = stream.codec_context.width, stream.codec_context.height
        self.fps = float(stream.guessed_rate or stream.average_rate or 0.0)
        self.recording = bool(container.duration and container.duration > 0)
        self._tells_length = any(name in container.format.name.split(',') for name in _TELL_LENGTH)
        self.length = stream.frames if self._tells_length else 0
        # Arrival times of packets by the time of their frame in microseconds.
        self._arrived: dict[int, float] = {}
        self._packets = 0
        self._end = -math.inf
        self._filter: _Filter | None = None
        self._combs = CombDetector()
        self._frames = self._decoded()
        self._frame: Any = None

    @classmethod
    def of_file(cls, path: Path) -> PyavCapture:
        """Open a file.

        Raises:
            SourceError: It cannot be opened.
        """
        # FFmpeg never treats an absolute path as a URL.
        try:
            container = av.open(os.path.abspath(path), container_options=_FILE_OPTIONS)
        except (FFmpegError, OSError, ValueError) as error:
            raise no_video(_reason(error)) from error
        return cls._reading(container, live=False)

    @classmethod
    def of_url(cls, url: str, open_timeout: float, read_timeout: float) -> PyavCapture:
        """Connect.

        Raises:
            SourceError: It cannot be opened.
        """
        try:
            container = av.open(
                url, container_options=_URL_OPTIONS, timeout=(open_timeout, read_timeout)
            )
        except (FFmpegError, OSError, ValueError) as error:
            raise SourceError(_reason(error)) from error
        return cls._reading(container, live=True)

    @classmethod
    def _reading(cls, container: Any, live: bool) -> PyavCapture:
        try:
            return cls(container, live)
        except BaseException:
            container.close()
            raise

    @property
    def deinterlaces(self) -> bool:
        """Return whether interlaced frames were found so far."""
        return self._filter is not None and bool(self._filter.deinterlaces)

    def grab(self) -> bool:
        """Decode the next frame."""
        try:
            self._frame = next(self._frames)
        except StopIteration:
            return False
        if self._frame is None:
            self.broken += 1
        else:
            self.time = self._frame.time
            self.age = self._age()
        return True

    def retrieve(self) -> tuple[bool, NDArray[np.uint8]]:
        """Return the frame as a new array."""
        if self._frame is None:
            return False, np.empty((0, 0, 3), np.uint8)
        return True, self._frame.to_ndarray()

    def release(self) -> None:
        """Close the file or connection."""
        self._frames.close()
        self._frame = self._filter = None
        self._container.close()

    def missing(self) -> int:
        """Return the number of missing frames from the packets and the announced length."""
        announced = self._announced_end()
        period = 1 / self.fps if self.fps else 0.0
        if announced - self._end <= max(
            _SECONDS_SHORT, _FRAMES_SHORT * period, _PART_SHORT * announced
        ):
            return 0
        short = round((announced - self._end) * self.fps)
        return max(1, self.length - self._packets if self.length else short)

    def _announced_end(self) -> float:
        """Return the announced end of the file, seconds. 0 if it is unknown."""
        stream = self._stream
        if not self._tells_length:
            return 0.0
        if self._container.format.name == 'avi':
            # For a file without an index, FFmpeg computes the duration from the existing packets.
            return self.length / self.fps if self.fps else 0.0
        if self.length and stream.duration:
            return float(((stream.start_time or 0) + stream.duration) * stream.time_base)
        return float((self._container.duration or 0) / av.time_base)

    def _age(self) -> float:
        """Return the seconds since the packet of the frame arrived. 0 if it is unknown."""
        if self.time is None:
            return 0.0
        now = time.monotonic()
        return now - self._arrived.pop(round(self.time * 1e6), now)

    def _decoded(self) -> Generator[Any, None, None]:
        """Yield frames that are ready for retrieve(), None for a broken one."""
        for packet in self._demuxed():
            try:
                for frame in packet.decode():
                    yield from self._filtered(frame)
            except (FFmpegError, ValueError):
                yield None
        if self._filter is not None:
            yield from self._filter.rest()

    def _demuxed(self) -> Iterator[Any]:
        """Yield the packets of the video and the final empty one. Note the times of all
        packets."""
        # The length of a file is that of its longest stream, so all streams are read.
        wanted = list(self._container.streams) if self._tells_length else [self._stream]
        try:
            for packet in self._container.demux(wanted):
                mine = packet.stream.index == self._stream.index
                if packet.size:
                    self._note(packet, mine)
                if mine:
                    yield packet
        except FFmpegError:
            # An error ends a file, and missing() decides whether it is truncated. A stream is
            # opened again.
            return

    def _note(self, packet: Any, mine: bool) -> None:
        self._packets += mine
        start = packet.pts if packet.pts is not None else packet.dts
        if start is None or packet.time_base is None:
            return
        if mine or not self.length:
            end = float((start + (packet.duration or 0)) * packet.time_base)
            self._end = max(self._end, end)
        if mine:
            self._arrived[round(float(start * packet.time_base) * 1e6)] = time.monotonic()
            if len(self._arrived) > _UNDER_WAY:
                # Packets without a frame.
                del self._arrived[next(iter(self._arrived))]

    def _filtered(self, frame: Any) -> Iterator[Any]:
        if frame.pts is None:
            frame.pts = frame.dts
        aspect = self._stream.sample_aspect_ratio or self._stream.codec_context.sample_aspect_ratio
        # After the first interlaced frame, keep the filter, because a new one would lose a frame.
        before = self._filter.deinterlaces if self._filter is not None else ''
        deinterlaces = before or ('interlaced' if frame.interlaced_frame else '')
        if not deinterlaces:
            self._combs.check(frame)
            deinterlaces = 'all' if self._combs.found else ''
        if self._filter is None or not self._filter.suits(frame, aspect, deinterlaces):
            if self._filter is not None:
                yield from self._filter.rest()
            self._filter = _Filter(frame, aspect, deinterlaces)
        yield from self._filter.put(frame)


class _Filter:
    """Makes frames of one kind progressive, square-pixelled, upright and bgr24.

    Args:
        deinterlaces: 'all' frames, the frames marked as 'interlaced', or none ('').
    """

    def __init__(self, frame: Any, aspect: Any, deinterlaces: str) -> None:
        self.deinterlaces = deinterlaces
        self._kind = _kind(frame, aspect)
        self._graph = graph = av.filter.Graph()
        if hasattr(graph, 'threads'):  # PyAV 18
            graph.threads = 1
        nodes = [
            graph.add_buffer(
                width=frame.width,
                height=frame.height,
                format=frame.format,
                time_base=frame.time_base,
            )
        ]
        if deinterlaces:
            nodes.append(graph.add('bwdif', f'mode=send_frame:deint={deinterlaces}'))
        width, height = square_size(frame.width, frame.height, aspect or 1)
        nodes.append(graph.add('scale', f'{width}:{height}:flags=bilinear'))
        nodes.append(graph.add('format', 'bgr24'))
        turn = _TURNS.get(-frame.rotation % 360)
        if turn:
            nodes.append(graph.add(*turn))
        nodes.append(graph.add('buffersink'))
        graph.link_nodes(*nodes).configure()

    def suits(self, frame: Any, aspect: Any, deinterlaces: str) -> bool:
        """Return whether the filter accepts frames of this kind."""
        return self._kind == _kind(frame, aspect) and self.deinterlaces == deinterlaces

    def put(self, frame: Any) -> Iterator[Any]:
        """Filter a frame, and yield the finished ones. A deinterlacer waits for the next frame."""
        self._graph.vpush(frame)
        yield from self._pulled()

    def rest(self) -> Iterator[Any]:
        """Yield the remaining frames at the end."""
        self._graph.vpush(None)
        yield from self._pulled()

    def _pulled(self) -> Iterator[Any]:
        while True:
            try:
                yield self._graph.vpull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return


def _kind(frame: Any, aspect: Any) -> tuple[Any, ...]:
    return (frame.width, frame.height, frame.format.name, aspect, frame.rotation, frame.time_base)


def _is_cover(stream: Any) -> bool:
    """Return whether a video stream is the cover picture of a sound file."""
    # An IntFlag or a Flag, depending on the version of PyAV.
    return 'attached_pic' in repr(stream.disposition)


def _reason(error: Exception) -> str:
    """Return the reason without the name of the file or stream at the end of FFmpeg's messages."""
    return str(getattr(error, 'strerror', None) or type(error).__name__)

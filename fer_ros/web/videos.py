"""Videos that clients send. They are processed in memory, one at a time.

The lines, tables, chart and annotated video are the same as those of `fer_ros annotate`.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
import os
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException

from fer_ros.core.display.drawing import DrawingConfig, draw_emotions
from fer_ros.core.display.overlay import bgr_copy
from fer_ros.core.errors import EncodingError, FerError, LateError, SourceError
from fer_ros.core.imaging.decoding import examine
from fer_ros.core.imaging.formats import HEAD, format_of
from fer_ros.core.pipeline import Pipeline
from fer_ros.core.position import CameraModel
from fer_ros.core.sources.animation import AnimationSource
from fer_ros.core.sources.base import FrameSource, SourceConfig
from fer_ros.core.sources.capture import open_file
from fer_ros.core.sources.video import VideoSource
from fer_ros.core.types import Frame, in_order
from fer_ros.offline.results.chart import sequence_chart
from fer_ros.offline.results.records import Record, Tables
from fer_ros.offline.results.tally import Tally
from fer_ros.offline.results.video import VideoFile
from fer_ros.web.uploads import MAX_PIXELS

#: Seconds of a video that are processed. The rest is omitted, and the answer says so.
MOST_SECONDS = 180.0

#: Longest processing time of a video in seconds.
MOST_WORK = 600.0

#: Longest side in pixels. Larger frames are reduced.
LONGEST_SIDE = 1280

#: First bytes of the supported containers. Playlists are excluded, because they name other files.
_CONTAINERS = re.compile(
    rb'.{4}(?:ftyp|moov|mdat|wide|free|skip)'  # MP4, QuickTime, 3GP
    rb'|\x1aE\xdf\xa3'  # Matroska, WebM
    rb'|RIFF.{4}AVI '
    rb'|\0\0\x01\xba'  # MPEG programme stream
    rb'|G.{187}G|.{4}G.{191}G'  # MPEG transport stream, and that of camcorders
    rb'|FLV\x01'
    rb'|OggS'
    rb'|\x30\x26\xb2\x75\x8e\x66\xcf\x11'  # ASF, WMV
    rb'|\x06\x0e\x2b\x34',  # MXF
    re.DOTALL,
)

VIDEO_NAMES = 'MP4, QuickTime, WebM, Matroska, AVI, MPEG, Ogg, FLV, WMV, or an animated picture'

_NAME = 'video'
_DRAWING = DrawingConfig(searching=False)

#: Prefix of face ids, as in annotated files.
ID_PREFIX = 'face'


@dataclass(frozen=True, slots=True)
class VideoRequest:
    """A request to process a video.

    data: the file. fps: highest number of frames per second to process. annotated: whether to
        return the annotated video.
    """

    data: bytes
    fps: float
    annotated: bool


class VideoService:
    """Processes one video at a time on a separate thread. Videos are not stored.

    make_pipeline: creates a pipeline for each video; raises FerError.
    """

    def __init__(self, make_pipeline: Callable[[], Pipeline]) -> None:
        self._make_pipeline = make_pipeline
        self._thread = ThreadPoolExecutor(1, 'web videos')
        self._busy = False

    async def lines(self, request: VideoRequest) -> AsyncIterator[str]:
        """Yield the lines of JSON about a video while it is processed.

        Raises HTTPException before the first line: 413 if it has too many pixels, 415 if it is not
        a video, 422 if it cannot be decoded, 503 if another video is in progress or the model
        cannot be used.
        """
        if not is_video(request.data):
            raise HTTPException(
                415,
                f'{len(request.data)} bytes that are not a video: send {VIDEO_NAMES} as the body',
            )
        if self._busy:
            raise HTTPException(
                503, 'another video is in progress: send it again later', {'retry-after': '10'}
            )
        self._busy = True
        lines = _Work(request, self._make_pipeline).lines()
        try:
            first = await self._next(lines)
        except BaseException:
            await self._end(lines)
            raise
        return self._rest(first, lines)

    def close(self) -> None:
        """End the thread after the current frame."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _rest(self, first: str | None, lines: Iterator[str]) -> AsyncIterator[str]:
        line = first
        try:
            while line is not None:
                yield line
                line = await self._next(lines)
        finally:
            # Also if the client has disconnected.
            await self._end(lines)

    async def _next(self, lines: Iterator[str]) -> str | None:
        loop = asyncio.get_running_loop()
        return await asyncio.shield(loop.run_in_executor(self._thread, next, lines, None))

    async def _end(self, lines: Iterator[str]) -> None:
        """Release the video after the thread has finished the current frame."""

        def end() -> None:
            lines.close()  # type: ignore[attr-defined]
            self._busy = False

        await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, end))


def is_video(data: bytes) -> bool:
    """Return whether the first bytes are those of a supported video or an animation."""
    kind = format_of(data[:HEAD])
    if kind is not None:
        return kind.animated and kind.layout is not None
    return _CONTAINERS.match(data) is not None


class _Work:
    """The processing of one video."""

    def __init__(self, request: VideoRequest, make_pipeline: Callable[[], Pipeline]) -> None:
        self._request = request
        self._make_pipeline = make_pipeline
        self._warnings: list[str] = []

    def lines(self) -> Iterator[str]:
        """Yield a line with the settings, a line for each frame, and a line with the results.

        If the processing fails after the first line, the last line gives the reason.
        """
        began = False
        try:
            for line in self._lines():
                yield line
                began = True
        except FerError as error:
            if not began:
                raise HTTPException(503, str(error)) from error
            yield _line(problem=_nameless(str(error)))

    def _lines(self) -> Iterator[str]:
        with ExitStack() as stack:
            path = _in_memory(self._request.data, stack)
            source = _open(self._request.data, path, stack)
            pipeline = self._make_pipeline()
            classify = pipeline.emotions
            fps = min(self._request.fps, source.fps)
            classifier = classify.classifier
            tables = [io.StringIO(newline='') for _ in range(3)]
            faces, events, frames = tables
            written = Tables(
                _NAME, classifier.class_names, classify.attribute_names, faces, events, frames
            )
            tally = Tally(1 / fps)
            yield _line(
                frames=min(_expected(source, fps), round(MOST_SECONDS * fps)),
                fps=fps,
                model=classifier.name,
                class_names=classifier.class_names,
            )
            video = _Annotated(fps, stack) if self._request.annotated else None
            for record, frame in self._records(source, pipeline, fps):
                written.add(record)
                tally.add(record)
                if video is not None:
                    video.add(frame, record)
                frames.seek(0)
                yield frames.read()
                frames.seek(0)
                frames.truncate()
            summary = {
                'input': _NAME,
                'model': classifier.name,
                'class_names': list(classifier.class_names),
                'warning': '; '.join(filter(None, (*self._warnings, _nameless(source.warning)))),
                **tally.as_json(),
            }
            yield _line(
                summary=summary,
                chart=sequence_chart(summary, classifier.class_names) if tally.frames else '',
                faces_csv=faces.getvalue(),
                events_csv=events.getvalue(),
                annotated=video.finish() if video is not None else None,
            )

    def _records(
        self,
        source: FrameSource,
        pipeline: Pipeline,
        fps: float,
    ) -> Iterator[tuple[Record, Frame]]:
        """Yield the results of the processed frames. All faces leave with the last one."""
        end = time.monotonic() + MOST_WORK
        before: tuple[Record, Frame] | None = None
        due, number = 0.0, 0
        for frame in source:
            seconds = frame.stamp * 1e-9
            if seconds > MOST_SECONDS:
                self._warnings.append(
                    f'only the first {MOST_SECONDS:.0f} s were processed: send a shorter video'
                )
                break
            if time.monotonic() > end:
                self._warnings.append(
                    f'the processing was ended after {MOST_WORK:.0f} s: send a shorter video'
                )
                break
            # Half a period early is closer than half a period late.
            if seconds + 0.25 / fps < due:
                continue
            due = max(due, seconds) + 1 / fps
            try:
                camera = CameraModel.from_fov(frame.width, frame.height)
                found = pipeline.faces.process(frame, camera)
                result = pipeline.emotions.process(found)
            except LateError:
                continue
            if before is not None:
                yield before
            scores = {face.face_id: face.confidence for face in found.faces}
            events = in_order(result.events, result.attention_events)
            before = Record(number, seconds, result.emotions, scores, events), frame
            number += 1
        if before is not None:
            record, frame = before
            left = in_order(pipeline.emotions.close(), pipeline.emotions.attention_events)
            yield replace(record, events=[*record.events, *left]), frame


class _Annotated:
    """The annotated video, in memory."""

    def __init__(self, fps: float, stack: ExitStack) -> None:
        self._path = _in_memory(b'', stack)
        self._video = VideoFile(self._path, fps)
        stack.callback(self._video.abandon)

    def add(self, frame: Frame, record: Record) -> None:
        """Add a frame."""
        image = bgr_copy(frame)
        draw_emotions(image, record.emotions, _DRAWING)
        self._video.write(image, record.time)

    def finish(self) -> str:
        """Return the file in base64."""
        self._video.close()
        return base64.b64encode(self._path.read_bytes()).decode()


def _in_memory(data: bytes, stack: ExitStack) -> Path:
    """Return the path of a file that exists only in memory until the stack ends."""
    number = os.memfd_create('fer_ros', os.MFD_CLOEXEC)
    stack.callback(os.close, number)
    with open(number, 'wb', closefd=False) as file:
        file.write(data)
    return Path(f'/proc/self/fd/{number}')


def _open(data: bytes, path: Path, stack: ExitStack) -> FrameSource:
    """Return the source of a video, which is open until the stack ends. Raises HTTPException."""
    config = SourceConfig(width=LONGEST_SIDE, height=LONGEST_SIDE, realtime=False, clock=lambda: 0)
    source: FrameSource
    try:
        if format_of(data[:HEAD]) is None:
            _refuse_large(path)
            source = VideoSource(path, config)
        else:
            _, layout = examine(memoryview(data), _NAME)
            if layout.width * layout.height > MAX_PIXELS:
                raise _too_large(layout.width, layout.height)
            source = AnimationSource(path, config)
        return stack.enter_context(source)
    except (SourceError, EncodingError) as error:
        raise HTTPException(422, _nameless(str(error))) from error


def _refuse_large(path: Path) -> None:
    """Raise HTTPException if the frames of a video are larger than the limit for pictures."""
    capture = open_file(path)
    width, height = capture.size
    capture.release()
    if width * height > MAX_PIXELS:
        raise _too_large(width, height)


def _too_large(width: int, height: int) -> HTTPException:
    return HTTPException(
        413, f'{width}x{height} pixels are too many: send a video of at most {MAX_PIXELS} pixels'
    )


def _expected(source: FrameSource, fps: float) -> int:
    """Return the number of frames to process, or 0 if unknown."""
    return round(source.length * fps / source.fps) if source.fps else 0


def _nameless(text: str) -> str:
    """Return a text without the path of the file in memory, which means nothing to people."""
    return re.sub(r'/proc/self/fd/\d+', 'the video', text)


def _line(**values: Any) -> str:
    return json.dumps(values) + '\n'

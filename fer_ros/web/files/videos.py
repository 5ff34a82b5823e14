"""Videos that clients send. They are processed in memory, one at a time.

The lines, tables, chart and annotated video are the same as those of `fer_ros annotate`.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from starlette.exceptions import HTTPException

from fer_ros.core.classification import Classifier
from fer_ros.core.display.drawing import draw_emotions
from fer_ros.core.display.overlay import bgr_copy
from fer_ros.core.errors import FerError, LateError
from fer_ros.core.pipeline import Pipeline
from fer_ros.core.position import CameraModel
from fer_ros.core.private_files import private_file
from fer_ros.core.sources.base import FrameSource
from fer_ros.core.types import S_TO_NS, Frame, in_order
from fer_ros.offline.results.chart import sequence_chart
from fer_ros.offline.results.pictures import DRAWING
from fer_ros.offline.results.records import Record, Tables
from fer_ros.offline.results.tally import Tally
from fer_ros.offline.results.video import VideoFile
from fer_ros.web.files.video_files import (
    NAME,
    VIDEO_NAMES,
    is_video,
    nameless,
    open_video,
)

#: Seconds of a video that are processed. The rest is omitted, and the answer says so.
MOST_SECONDS = 180.0

#: Longest processing time of a video in seconds.
MOST_WORK = 600.0


@dataclass(frozen=True, slots=True)
class VideoRequest:
    """A request to process a video.

    Attributes:
        data: The file.
        fps: Highest number of frames per second to process.
        annotated: Whether to return the annotated video.
    """

    data: bytes
    fps: float
    annotated: bool


class VideoService:
    """Processes one video at a time on a separate thread. Videos are not stored.

    Args:
        make_pipeline: Creates a pipeline for each video. It can raise FerError.
    """

    def __init__(self, make_pipeline: Callable[[], Pipeline]) -> None:
        self._make_pipeline = make_pipeline
        self._thread = ThreadPoolExecutor(1, 'web videos')
        self._busy = False

    async def lines(self, request: VideoRequest) -> AsyncIterator[str]:
        """Yield the lines of JSON about a video while it is processed.

        Raises:
            HTTPException: Before the first line: 413 if it has too many pixels, 415 if it is not a
                video, 422 if it cannot be decoded, 503 if another video is in progress or the
                model cannot be used.
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
            yield _line(problem=nameless(str(error)))

    def _lines(self) -> Iterator[str]:
        with ExitStack() as stack:
            path = private_file(self._request.data, stack).path
            source = open_video(self._request.data, path, stack)
            pipeline = self._make_pipeline()
            classifier = pipeline.emotions.classifier
            fps = min(self._request.fps, source.fps)
            yield _line(
                frames=min(_expected(source, fps), round(MOST_SECONDS * fps)),
                fps=fps,
                model=classifier.name,
                class_names=classifier.class_names,
            )
            faces, events, frames = (io.StringIO(newline='') for _ in range(3))
            tables = Tables(
                NAME,
                classifier.class_names,
                pipeline.emotions.attribute_names,
                faces,
                events,
                frames,
            )
            tally = Tally(1 / fps)
            video = _Annotated(fps, stack) if self._request.annotated else None
            for record, frame in self._records(source, pipeline, fps):
                tables.add(record)
                tally.add(record)
                if video is not None:
                    video.add(frame, record)
                yield _emptied(frames)
            summary = self._summary(source, classifier, tally)
            yield _line(
                summary=summary,
                chart=sequence_chart(summary, classifier.class_names) if tally.frames else '',
                faces_csv=faces.getvalue(),
                events_csv=events.getvalue(),
                annotated=video.finish() if video is not None else None,
            )

    def _summary(
        self, source: FrameSource, classifier: Classifier, tally: Tally
    ) -> dict[str, Any]:
        return {
            'input': NAME,
            'model': classifier.name,
            'class_names': list(classifier.class_names),
            'warning': '; '.join(filter(None, (*self._warnings, nameless(source.warning)))),
            **tally.as_json(),
        }

    def _records(
        self, source: FrameSource, pipeline: Pipeline, fps: float
    ) -> Iterator[tuple[Record, Frame]]:
        """Yield the results of the processed frames. All faces leave with the last one."""
        before: tuple[Record, Frame] | None = None
        number = 0
        for frame in self._due_frames(source, fps):
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
            seconds = frame.stamp / S_TO_NS
            before = Record(number, seconds, result.emotions, scores, events), frame
            number += 1
        if before is not None:
            record, frame = before
            left = in_order(*pipeline.emotions.close())
            yield replace(record, events=[*record.events, *left]), frame

    def _due_frames(self, source: FrameSource, fps: float) -> Iterator[Frame]:
        """Yield at most `fps` frames per second, until a limit is reached."""
        end = time.monotonic() + MOST_WORK
        due = 0.0
        for frame in source:
            seconds = frame.stamp / S_TO_NS
            if seconds > MOST_SECONDS:
                self._warnings.append(
                    f'only the first {MOST_SECONDS:.0f} s were processed: send a shorter video'
                )
                return
            if time.monotonic() > end:
                self._warnings.append(
                    f'the processing was ended after {MOST_WORK:.0f} s: send a shorter video'
                )
                return
            # Half a period early is closer than half a period late.
            if seconds + 0.25 / fps < due:
                continue
            due = max(due, seconds) + 1 / fps
            yield frame


class _Annotated:
    """The annotated video, in memory."""

    def __init__(self, fps: float, stack: ExitStack) -> None:
        self._path = private_file(b'', stack).path
        self._video = VideoFile(self._path, fps)
        stack.callback(self._video.abandon)

    def add(self, frame: Frame, record: Record) -> None:
        """Add a frame."""
        image = bgr_copy(frame)
        draw_emotions(image, record.emotions, DRAWING)
        self._video.write(image, record.time)

    def finish(self) -> str:
        """Return the file in base64."""
        self._video.close()
        return base64.b64encode(self._path.read_bytes()).decode()


def _expected(source: FrameSource, fps: float) -> int:
    """Return the number of frames to process, or 0 if unknown."""
    return round(source.length * fps / source.fps) if source.fps else 0


def _emptied(text: io.StringIO) -> str:
    """Return the text, and remove it from the buffer."""
    found = text.getvalue()
    text.seek(0)
    text.truncate()
    return found


def _line(**values: Any) -> str:
    return json.dumps(values) + '\n'

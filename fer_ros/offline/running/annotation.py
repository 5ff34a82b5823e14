"""The path of the frames of one input through the pipeline."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.attention.attention import of_single_picture
from fer_ros.core.errors import LateError
from fer_ros.core.pipeline import EmotionResult
from fer_ros.core.position import CameraModel
from fer_ros.core.scoring import FaceScores
from fer_ros.core.sources.base import FrameSource, SourceConfig
from fer_ros.core.sources.pictures import PictureSource
from fer_ros.core.sources.select import create_file_source
from fer_ros.core.types import S_TO_NS, Detection, EmotionSet, FaceSet, Frame, in_order
from fer_ros.offline.inputs.bags import BagSource
from fer_ros.offline.inputs.finding import Input
from fer_ros.offline.results.one_input import Results
from fer_ros.offline.results.output import Part
from fer_ros.offline.results.pictures import Canvas, PictureCanvas, VideoCanvas
from fer_ros.offline.results.records import ID_PREFIX, Record
from fer_ros.offline.running.ahead import (
    WRITE_AHEAD,
    Cores,
    InlineExecutor,
    SharedExecutor,
    ahead,
    read_ahead,
)
from fer_ros.offline.running.journal import BLOCK, Journal
from fer_ros.offline.running.shared_models import SharedModels

#: An annotated picture, None without one.
AnnotatedImage: TypeAlias = NDArray[np.uint8] | None

#: As fast as possible. Stamps start at 0.
_SOURCE_CONFIG = SourceConfig(realtime=False, clock=lambda: 0)


class TrackedFrame(NamedTuple):
    """A frame with its faces, numbered from 0."""

    number: int
    frame: Frame
    faces: FaceSet


class ClassifiedFrame(NamedTuple):
    """A frame with its faces and results, numbered from 0."""

    number: int
    frame: Frame
    faces: FaceSet
    result: EmotionResult


def open_source(one: Input) -> FrameSource:
    """Return the source of an input, not yet opened."""
    if one.kind == 'picture':
        return PictureSource(one.path, _SOURCE_CONFIG)
    if one.topic is not None:
        return BagSource(one.path, one.topic)
    return create_file_source(one.path, _SOURCE_CONFIG)


class Annotation:
    """The path of the frames of one input.

    What one frame shows alone (faces, scores, drawing) is done for several frames at once.
    Decoding and the annotated video have a thread each. What needs the frames before it
    (identity, smoothing, events, tables) is done between these steps, in order.
    """

    def __init__(
        self,
        one: Input,
        models: SharedModels,
        cores: Cores,
        progress: Callable[[int, int], None],
        journal: Journal,
    ) -> None:
        self._one = one
        self._models = models
        self._cores = cores
        self._progress = progress
        self._journal = journal
        self._jumps = 0
        self._late = 0
        self._serial = one.kind == 'picture' or cores.most == 1
        self._faces = models.face_stage(ID_PREFIX)
        self._emotions = models.emotion_stage()

    def write(self, part: Part) -> tuple[int, str]:
        """Write all results into a part. Return the number of frames and a warning."""
        classifier = self._emotions.classifier
        with ExitStack() as stack:
            # End the threads first, so that none reads a closed source.
            source = stack.enter_context(open_source(self._one))
            canvas = stack.enter_context(self._canvas(part, source.fps))
            results = stack.enter_context(
                Results(
                    self._one,
                    part,
                    self._models.settings,
                    classifier.name,
                    classifier.class_names,
                    self._emotions.attribute_names,
                    source.fps,
                )
            )
            for record in self._records(source, canvas, stack):
                results.add(record)
                self._progress(record.number + 1, source.length)
            warning = '; '.join(filter(None, (source.warning, canvas.warning, self._disorder())))
            results.finish(warning)
        return results.frames, warning

    def _canvas(self, part: Part, fps: float) -> Canvas:
        if not self._models.settings.pictures:
            return Canvas()
        path = part.annotated(self._one)
        return PictureCanvas(path) if self._one.kind == 'picture' else VideoCanvas(path, fps)

    def _records(
        self,
        source: FrameSource,
        canvas: Canvas,
        stack: ExitStack,
    ) -> Iterator[Record]:
        """Yield the results of each frame after its picture is written.

        All faces leave with the last frame.
        """
        before: Record | None = None
        first = 0
        for number, frame, faces, result in self._results(source, canvas, stack):
            if before is None:
                first = frame.stamp
            else:
                self._jumps += result.seconds_back > 0
                yield before
            scores = {face.face_id: face.confidence for face in faces.faces}
            before = Record(
                number,
                (frame.stamp - first) / S_TO_NS,
                result.emotions,
                scores,
                in_order(result.events, result.attention_events),
            )
        if before is not None:
            left = in_order(*self._emotions.close())
            yield replace(before, events=[*before.events, *left])

    def _results(
        self,
        source: FrameSource,
        canvas: Canvas,
        stack: ExitStack,
    ) -> Iterator[ClassifiedFrame]:
        workers = self._executor(lambda: SharedExecutor(self._cores), stack)
        finders = self._executor(_one_thread, stack) if self._models.in_order else workers
        reader = self._executor(_one_thread, stack)
        writer = self._executor(_one_thread, stack)
        frames = enumerate(read_ahead(source, reader, self._serial))
        found = ahead(frames, lambda numbered: self._find(*numbered), finders, self._window)
        scored = ahead(
            self._track(found),
            lambda tracked: self._score(tracked.number, tracked.faces),
            workers,
            self._window,
        )
        drawn = ahead(
            self._smooth(scored),
            lambda classified: canvas.draw(classified.frame, classified.result.emotions),
            workers,
            self._window,
        )
        written = ahead(
            _timed(drawn),
            lambda timed: canvas.write(timed[1], timed[2]),
            writer,
            lambda: 1 if self._serial else WRITE_AHEAD,
        )
        for (classified, _, _), _ in written:
            yield classified

    def _find(self, number: int, frame: Frame) -> list[Detection]:
        """Return the faces of a frame, from before an interruption or from a search."""
        if number < self._journal.known:
            return self._journal.detections(number)
        if number % BLOCK == 0:
            self._faces.detector.restart()
        return self._faces.detector.detect(frame)

    def _score(self, number: int, faces: FaceSet) -> FaceScores:
        """Return the scores of the faces, from before an interruption or from the models."""
        known = self._journal.scores(number) if number < self._journal.known else None
        return known or self._models.score(faces)

    def _track(
        self,
        found: Iterable[tuple[tuple[int, Frame], list[Detection]]],
    ) -> Iterator[TrackedFrame]:
        """Assign ids to faces. Late frames are skipped and counted."""
        for (number, frame), detections in found:
            self._journal.note_detections(number, detections)
            # From left to right, because new faces get their ids in this order.
            detections = sorted(detections, key=lambda detection: detection.box.center)
            try:
                # Files do not say the field of view. The angles of heads hardly depend on it.
                camera = CameraModel.from_fov(frame.width, frame.height)
                faces = self._faces.track(frame, detections, camera)
                yield TrackedFrame(number, frame, faces)
            except LateError:
                self._late += 1

    def _smooth(
        self,
        scored: Iterable[tuple[TrackedFrame, FaceScores]],
    ) -> Iterator[ClassifiedFrame]:
        """Smooth the scores and create events. Late frames are handled as in _track()."""
        for (number, frame, faces), scores in scored:
            self._journal.note_scores(number, scores)
            try:
                result = self._emotions.smooth(faces, scores)
            except LateError:
                self._late += 1
                continue
            if self._one.kind == 'picture':
                result = replace(result, emotions=_single(result.emotions))
            yield ClassifiedFrame(number, frame, faces, result)

    def _executor(self, make: Callable[[], Executor], stack: ExitStack) -> Executor:
        return stack.enter_context(InlineExecutor() if self._serial else make())

    def _window(self) -> int:
        """Return the number of frames in progress. It keeps the cores busy during writing."""
        return 1 if self._serial else 2 * self._cores.now() + 2

    def _disorder(self) -> str:
        """Return a description of stamps that were out of order."""
        notes = []
        if self._late:
            notes.append(f'{self._late} frames are older than the previous frame and were skipped')
        if self._jumps:
            notes.append(f'the time jumps back {self._jumps} times: faces get new ids there')
        return '; '.join(notes)


def _single(emotions: EmotionSet) -> EmotionSet:
    """Return the faces of a picture that has no frames before it."""
    faces = [of_single_picture(face, face.attention) for face in emotions.faces]
    return replace(emotions, faces=tuple(faces))


def _timed(
    drawn: Iterable[tuple[ClassifiedFrame, AnnotatedImage]],
) -> Iterator[tuple[ClassifiedFrame, AnnotatedImage, float]]:
    """Yield each frame and picture with its seconds since the first frame."""
    first: int | None = None
    for classified, picture in drawn:
        stamp = classified.frame.stamp
        first = stamp if first is None else first
        yield classified, picture, (stamp - first) / S_TO_NS


def _one_thread() -> Executor:
    return ThreadPoolExecutor(1)

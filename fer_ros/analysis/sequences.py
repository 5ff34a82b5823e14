"""Videos, cameras and streams: `track`."""

from __future__ import annotations

import os
import weakref
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from fer_ros.analysis.faces import (
    Faces,
    TrackedFrame,
    columns_of,
    data_frame,
    face_of,
    import_pandas,
)
from fer_ros.analysis.loaded_models import LoadedModels, load_models
from fer_ros.core.errors import LateError
from fer_ros.core.models import DEFAULT_MODEL
from fer_ros.core.position import CameraModel
from fer_ros.core.sources import FrameSource, SourceConfig, create_source
from fer_ros.core.types import S_TO_NS, Frame


def track(
    source: str | int | os.PathLike[str],
    *,
    model: str | Path = DEFAULT_MODEL,
    detector: str = 'auto',
    runtime: str = 'auto',
    attributes: str | Sequence[str] = (),
    config: SourceConfig | None = None,
    camera: CameraModel | None = None,
) -> Tracking:
    """Track the faces of a video, camera or stream, with steady labels and events.

    Args:
        source: A video file, a camera (0 or /dev/video0), a folder of pictures, an rtsp:// or
            http:// URL, or `demo`.
        model: By name, such as `default` or `tiny`, or a folder.
        detector: `auto`, `retinaface`, `yunet` or `haar`.
        runtime: `auto`, `litert`, `onnxruntime` or `opencv`.
        attributes: A model of a further attribute, by name or folder, or a list of these.
        config: Size, rate and pace of the source. Without it, every frame of a file is processed
            as fast as possible, with the times of the file. For a camera or stream, the newest
            frame is processed.
        camera: The camera of the frames, at any resolution. It affects positions, and slightly the
            head poses. None assumes a horizontal field of view of 60 degrees.

    Returns:
        An iterable of TrackedFrame, with the source open.

    Raises:
        TypeError: The source is neither a text, a path nor a number.
        SourceError: The source cannot be opened; while iterating, it fails.
        DetectorError: The detector is unknown or not available.
        ModelError: The model or the runtime does not exist, or the files of the model do not match
            its card.
    """
    if not isinstance(source, str | int | os.PathLike):
        raise TypeError(
            f'a source is a path, a URL or the number of a camera, not {type(source).__name__}'
        )
    models = load_models(model, detector, runtime, attributes)
    settings = SourceConfig(realtime=False) if config is None else config
    spec = str(source) if isinstance(source, int) else os.fspath(source)
    return Tracking(create_source(spec, settings), models, camera)


class Tracking(Iterator[TrackedFrame]):
    """The frames of a source. Iterate over it once, or call to_frame().

    It closes the source at its end, at the end of a `with` block, and when it is deleted.
    """

    def __init__(
        self, source: FrameSource, models: LoadedModels, camera: CameraModel | None = None
    ) -> None:
        self._source = source
        self._stages = _Stages(models, camera)
        # Without a reference to this object, so that it is deleted after its last use.
        self._frames = _tracked(source, self._stages)
        source.open()
        weakref.finalize(self, source.close)

    @property
    def description(self) -> str:
        """The description of the source, such as 'video clip.mp4, 640x480 at 25 Hz'."""
        return self._source.description

    @property
    def late(self) -> int:
        """The number of frames that were skipped because they are older than an earlier one."""
        return self._stages.late

    def close(self) -> None:
        """Close the source."""
        self._frames.close()
        self._source.close()

    def to_frame(self) -> Any:
        """Return a pandas.DataFrame of all remaining frames, with a row for each face.

        Its columns `frame` and `time` are the number and the time of the frame in seconds.

        Raises:
            ImportError: pandas is not installed.
            SourceError: The source fails.
        """
        import_pandas()
        rows = [
            {'frame': frame.number, 'time': frame.time, **face.to_dict()}
            for frame in self
            for face in frame.faces
        ]
        return data_frame(rows, ['frame', 'time', *columns_of(self._stages.class_names)])

    def __iter__(self) -> Tracking:
        return self

    def __next__(self) -> TrackedFrame:
        return next(self._frames)

    def __enter__(self) -> Tracking:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class _Stages:
    """Detection, tracking, classification and events of one sequence.

    Attributes:
        class_names: The classes of the model.
        late: Number of skipped frames.
    """

    def __init__(self, models: LoadedModels, camera: CameraModel | None) -> None:
        self._models = models
        self._camera = camera
        self._find = models.builder.face_stage(detector=models.detector)
        self._classify = models.builder.emotion_stage(scorer=models.scorer)
        self.class_names = models.scorer.classifier.class_names
        self.late = 0

    def process(self, number: int, frame: Frame, start: int) -> TrackedFrame | None:
        """Return the results of a frame. None if it is late."""
        try:
            with self._models.lock:
                camera = self._camera or CameraModel.from_fov(frame.width, frame.height)
                found = self._find.process(frame, camera)
                result = self._classify.process(found)
        except LateError:
            self.late += 1
            return None
        seen = {face.face_id: face for face in found.faces}
        faces = [
            face_of(
                emotion,
                result.emotions.class_names,
                seen[emotion.face_id].confidence,
                seen[emotion.face_id].landmarks,
            )
            for emotion in result.emotions.faces
        ]
        return TrackedFrame(
            number,
            (frame.stamp - start) / S_TO_NS,
            frame.stamp,
            Faces(frame, result.emotions, faces),
            tuple(result.events),
            tuple(result.attention_events),
        )

    def finish(self, last: TrackedFrame) -> TrackedFrame:
        """Return the last frame with the events of all faces that leave."""
        left, turns = self._classify.close()
        return replace(
            last,
            events=(*last.events, *left),
            attention_events=(*last.attention_events, *turns),
        )


def _tracked(source: FrameSource, stages: _Stages) -> Generator[TrackedFrame, None, None]:
    """Yield the results of each frame. In a file, all faces leave with the last frame."""
    try:
        waiting: TrackedFrame | None = None
        start = None
        for number, frame in enumerate(source):
            start = frame.stamp if start is None else start
            found = stages.process(number, frame, start)
            if found is None:
                continue
            if source.live:
                yield found
                continue
            if waiting is not None:
                yield waiting
            waiting = found
        if waiting is not None:
            yield stages.finish(waiting)
    finally:
        source.close()

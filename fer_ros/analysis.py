"""Three lines of Python: `analyze` for pictures, `track` for videos, cameras and streams.

    import fer_ros
    faces = fer_ros.analyze('party.jpg')
    print([face.label for face in faces])

The detector and the models are loaded at the first call and kept. Calls from several threads run
one after the other.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.classification import ClassifierConfig
from fer_ros.core.detection.base import DetectorConfig, FaceDetector
from fer_ros.core.display.drawing import draw_emotions
from fer_ros.core.display.overlay import bgr_copy
from fer_ros.core.errors import EncodingError
from fer_ros.core.models import DEFAULT_MODEL
from fer_ros.core.pipeline_builder import PipelineBuilder
from fer_ros.core.pipeline_config import PipelineConfig
from fer_ros.core.scoring import FaceScorer
from fer_ros.core.sources import FrameSource, SourceConfig, create_source
from fer_ros.core.sources.pictures import read_picture
from fer_ros.core.types import Box, EmotionSet, ExpressionEvent, FaceEmotion, Frame

#: A picture: pixels, (H, W, 3) BGR, (H, W, 4) BGRA or (H, W) gray, uint8; or the path of a file.
Picture = NDArray[np.uint8] | str | os.PathLike[str]

#: Number of sets of detector and models that are kept for further calls.
KEPT = 4

_ENCODINGS = {1: 'mono8', 3: 'bgr8', 4: 'bgra8'}


@dataclass(frozen=True, slots=True)
class Face:
    """A face and its apparent expression.

    Attributes:
        face_id: `face1`, `face2` and so on, from left to right in a picture. In a video, the id
            stays the same while the person is in view.
        box: Left, top, width and height in pixels.
        score: How certain the detector is that this is a face, [0, 1].
        label: The apparent expression, or `uncertain`.
        confidence: Probability of the label, [0, 1]. For `uncertain`: of the most probable class.
        uncertain: Whether no class is probable enough. In a video, `label` is then an earlier one.
        probabilities: Class name to probability; they add up to 1.
        valence: How pleasant the expression looks, [-1, 1]. NaN if the model has no basic
            expressions.
        arousal: How excited the expression looks, [-1, 1]; NaN as for valence.
        landmarks: (5, 2) float32 pixels: left eye, right eye, tip of the nose, left and right
            corner of the mouth. Left and right are those of the image. None if the detector gives
            none.
        attributes: Scores of further models by name, [0, 1].
    """

    face_id: str
    box: Box
    score: float
    label: str
    confidence: float
    uncertain: bool
    probabilities: dict[str, float]
    valence: float
    arousal: float
    landmarks: NDArray[np.float32] | None = field(default=None, compare=False)
    attributes: Mapping[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return a flat row. Its columns have the names of the tables of `annotate`."""
        return {
            'face_id': self.face_id,
            'x': self.box.x,
            'y': self.box.y,
            'width': self.box.width,
            'height': self.box.height,
            'score': self.score,
            'label': self.label,
            'confidence': self.confidence,
            'uncertain': self.uncertain,
            'valence': self.valence,
            'arousal': self.arousal,
            **{f'probability.{name}': share for name, share in self.probabilities.items()},
            **self.attributes,
        }


class Faces(Sequence[Face]):
    """The faces of one picture, from left to right. It is empty if there is no face.

    Attributes:
        name: The file of the picture, '' for pixels.
    """

    def __init__(self, frame: Frame, emotions: EmotionSet, faces: Sequence[Face], name: str = ''):
        self.name = name
        self._frame = frame
        self._emotions = emotions
        self._faces = tuple(faces)

    @property
    def image(self) -> NDArray[np.uint8]:
        """Return the picture as a new (H, W, 3) uint8 BGR array."""
        return bgr_copy(self._frame)

    def annotated(self) -> NDArray[np.uint8]:
        """Return the picture with boxes, labels and bars, as a new BGR array."""
        image = self.image
        draw_emotions(image, self._emotions)
        return image

    def to_frame(self) -> Any:
        """Return a pandas.DataFrame with a row for each face.

        Raises:
            ImportError: pandas is not installed.
        """
        return _data_frame([face.to_dict() for face in self])

    @overload
    def __getitem__(self, index: int) -> Face: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Face, ...]: ...

    def __getitem__(self, index: int | slice) -> Face | tuple[Face, ...]:
        return self._faces[index]

    def __len__(self) -> int:
        return len(self._faces)

    def __repr__(self) -> str:
        return f'Faces({list(self._faces)!r})'


class Pictures(list[Faces]):
    """The faces of several pictures, in the order of the pictures."""

    def to_frame(self) -> Any:
        """Return a pandas.DataFrame with a row for each face and the column `picture`.

        `picture` is the file, or for pixels the index in the list.

        Raises:
            ImportError: pandas is not installed.
        """
        return _data_frame(
            [
                {'picture': faces.name or number, **face.to_dict()}
                for number, faces in enumerate(self)
                for face in faces
            ]
        )


@dataclass(frozen=True, slots=True)
class TrackedFrame:
    """A frame of a video, camera or stream with its results.

    Attributes:
        number: Number of the frame, from 0.
        time: Seconds since the first frame.
        stamp: Time of the frame in nanoseconds by the clock of the source.
        faces: The faces of the frame.
        events: Faces that appeared, changed their label or left in this frame.
    """

    number: int
    time: float
    stamp: int
    faces: Faces
    events: tuple[ExpressionEvent, ...]

    @property
    def image(self) -> NDArray[np.uint8]:
        """Return the frame as a new (H, W, 3) uint8 BGR array."""
        return self.faces.image

    def annotated(self) -> NDArray[np.uint8]:
        """Return the frame with boxes, labels and bars, as a new BGR array."""
        return self.faces.annotated()


class Tracking:
    """The frames of a source. Iterate over it once, or call to_frame().

    It closes the source at its end, at the end of a `with` block, and when it is deleted.
    """

    def __init__(self, source: FrameSource, tools: _Tools) -> None:
        self._source = source
        self._tools = tools
        self._find = tools.builder.face_stage(detector=tools.detector)
        self._classify = tools.builder.emotion_stage(scorer=tools.scorer)
        source.open()
        self._frames = self._run()

    @property
    def description(self) -> str:
        """The description of the source, such as 'video clip.mp4, 640x480 at 25 Hz'."""
        return self._source.description

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
        _import_pandas()
        return _data_frame(
            [
                {'frame': frame.number, 'time': frame.time, **face.to_dict()}
                for frame in self
                for face in frame.faces
            ]
        )

    def __iter__(self) -> Iterator[TrackedFrame]:
        return self._frames

    def __enter__(self) -> Tracking:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _run(self) -> Generator[TrackedFrame, None, None]:
        """Yield the results of each frame. In a file, all faces leave with the last frame."""
        try:
            waiting: TrackedFrame | None = None
            start = None
            for number, frame in enumerate(self._source):
                start = frame.stamp if start is None else start
                found = self._process(number, frame, start)
                if self._source.live:
                    yield found
                    continue
                if waiting is not None:
                    yield waiting
                waiting = found
            if waiting is not None:
                left = self._classify.close(waiting.stamp)
                yield replace(waiting, events=(*waiting.events, *left))
        finally:
            self._source.close()

    def _process(self, number: int, frame: Frame, start: int) -> TrackedFrame:
        with self._tools.lock:
            found = self._find.process(frame)
            result = self._classify.process(found)
        seen = {face.face_id: face for face in found.faces}
        faces = [
            _face(
                emotion,
                result.emotions.class_names,
                seen[emotion.face_id].confidence,
                seen[emotion.face_id].landmarks,
            )
            for emotion in result.emotions.faces
        ]
        return TrackedFrame(
            number,
            (frame.stamp - start) * 1e-9,
            frame.stamp,
            Faces(frame, result.emotions, faces),
            tuple(result.events),
        )


@dataclass(frozen=True)
class _Tools:
    """A loaded detector and loaded models. Only one thread at a time can use them."""

    builder: PipelineBuilder
    detector: FaceDetector
    scorer: FaceScorer
    lock: threading.Lock = field(default_factory=threading.Lock)


@overload
def analyze(  # type: ignore[overload-overlap]
    picture: Picture,
    *,
    model: str | Path = DEFAULT_MODEL,
    detector: str = 'auto',
    runtime: str = 'auto',
    attributes: Sequence[str] = (),
) -> Faces: ...


@overload
def analyze(
    picture: Sequence[Picture],
    *,
    model: str | Path = DEFAULT_MODEL,
    detector: str = 'auto',
    runtime: str = 'auto',
    attributes: Sequence[str] = (),
) -> Pictures: ...


def analyze(
    picture: Picture | Sequence[Picture],
    *,
    model: str | Path = DEFAULT_MODEL,
    detector: str = 'auto',
    runtime: str = 'auto',
    attributes: Sequence[str] = (),
) -> Faces | Pictures:
    """Return the faces of a picture with their apparent expressions.

    Args:
        picture: The path of a file, or pixels as OpenCV reads them: (H, W, 3) BGR, (H, W, 4) BGRA
            or (H, W) gray, uint8. Or a list of these.
        model: By name, such as `default` or `tiny`, or a folder.
        detector: `auto`, `retinaface`, `yunet` or `haar`.
        runtime: `auto`, `litert`, `onnxruntime` or `opencv`.
        attributes: Models of further attributes, by name or folder.

    Returns:
        The faces from left to right. For a list: one such object for each picture.

    Raises:
        EncodingError: The pixels have another shape or type.
        SourceError: The file does not exist, or is not a readable picture.
        DetectorError: The detector is not available.
        ModelError: The model does not exist, or its files do not match its card.
    """
    tools = _load(_config(model, detector, runtime, attributes))
    if isinstance(picture, str | os.PathLike | np.ndarray):
        return _analyze(picture, tools)
    return Pictures(_analyze(one, tools) for one in picture)


def track(
    source: str | int | os.PathLike[str],
    *,
    model: str | Path = DEFAULT_MODEL,
    detector: str = 'auto',
    runtime: str = 'auto',
    attributes: Sequence[str] = (),
    config: SourceConfig | None = None,
) -> Tracking:
    """Track the faces of a video, camera or stream, with steady labels and events.

    Args:
        source: A video file, a camera (0 or /dev/video0), a folder of pictures, an rtsp:// or
            http:// URL, or `demo`.
        model: By name, such as `default` or `tiny`, or a folder.
        detector: `auto`, `retinaface`, `yunet` or `haar`.
        runtime: `auto`, `litert`, `onnxruntime` or `opencv`.
        attributes: Models of further attributes, by name or folder.
        config: Size, rate and pace of the source. Without it, every frame of a file is processed
            as fast as possible, with the times of the file. For a camera or stream, the newest
            frame is processed.

    Returns:
        An iterable of TrackedFrame, with the source open.

    Raises:
        SourceError: The source cannot be opened; while iterating, it fails.
        DetectorError: The detector is not available.
        ModelError: The model does not exist, or its files do not match its card.
    """
    tools = _load(_config(model, detector, runtime, attributes))
    settings = SourceConfig(realtime=False) if config is None else config
    spec = str(source) if isinstance(source, int) else os.fspath(source)
    return Tracking(create_source(spec, settings), tools)


def _config(
    model: str | Path, detector: str, runtime: str, attributes: Sequence[str]
) -> PipelineConfig:
    return PipelineConfig(
        detector=DetectorConfig(detector=detector),
        classifier=ClassifierConfig(model=str(model), runtime=runtime),
        attribute_models=tuple(attributes),
    )


@lru_cache(KEPT)
def _load(config: PipelineConfig) -> _Tools:
    builder = PipelineBuilder(config)
    return _Tools(builder, builder.detector(), builder.scorer())


def _analyze(picture: Picture, tools: _Tools) -> Faces:
    if isinstance(picture, np.ndarray):
        frame, name = _frame_of(picture), ''
    else:
        frame, name = Frame(read_picture(Path(picture)), 'bgr8', 0), os.fspath(picture)
    pictures = tools.builder.picture_classifier(detector=tools.detector, scorer=tools.scorer)
    with tools.lock:
        detections = pictures.find(frame)
        emotions = pictures.classify(frame, detections)
    faces = [
        _face(emotion, emotions.class_names, detection.confidence, detection.landmarks)
        for emotion, detection in zip(emotions.faces, detections, strict=True)
    ]
    return Faces(frame, emotions, faces, name)


def _frame_of(pixels: NDArray[np.uint8]) -> Frame:
    """Return pixels as a frame. Raises EncodingError."""
    channels = pixels.shape[2] if pixels.ndim == 3 else 1
    encoding = _ENCODINGS.get(channels) if pixels.ndim in (2, 3) and pixels.size else None
    if encoding is None or pixels.dtype != np.uint8:
        raise EncodingError(
            f'pixels have the shape {pixels.shape} and the type {pixels.dtype}: use (H, W, 3) '
            'BGR, (H, W, 4) BGRA or (H, W) gray, uint8, as cv2.imread returns it'
        )
    return Frame(pixels.reshape(pixels.shape[:2]) if channels == 1 else pixels, encoding, 0)


def _face(
    emotion: FaceEmotion,
    class_names: Sequence[str],
    score: float,
    landmarks: NDArray[np.float32] | None,
) -> Face:
    return Face(
        emotion.face_id,
        emotion.box,
        score,
        emotion.label,
        emotion.confidence,
        emotion.uncertain,
        dict(zip(class_names, emotion.probabilities.tolist(), strict=True)),
        emotion.valence,
        emotion.arousal,
        landmarks,
        emotion.attributes,
    )


def _data_frame(rows: list[dict[str, Any]]) -> Any:
    return _import_pandas().DataFrame(rows)


def _import_pandas() -> Any:
    try:
        import pandas
    except ImportError as error:
        raise ImportError(f'to_frame() needs pandas ({error}): run pip install pandas') from error
    return pandas

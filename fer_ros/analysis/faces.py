"""Results as objects and tables: the faces of a picture, of several pictures, and of a frame."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.display.drawing import draw_emotions
from fer_ros.core.display.overlay import bgr_copy
from fer_ros.core.types import (
    AttentionEvent,
    Box,
    EmotionSet,
    ExpressionEvent,
    FaceEmotion,
    Frame,
    HeadPose,
    Position,
)


@dataclass(frozen=True, slots=True)
class Face:
    """A face and its apparent expression.

    Attributes:
        face_id: `face1`, `face2` and so on, from left to right in a picture. In a video, the id
            stays the same while the person is in view.
        box: Left, top, width and height in pixels.
        score: Confidence of the detector that this is a face, [0, 1].
        label: The apparent expression, or `uncertain`.
        confidence: Probability of the label, [0, 1]. If the label is `uncertain`, that of the most
            probable class.
        uncertain: Whether no class is probable enough. In a video, `label` is then an earlier
            label.
        probabilities: Class name to probability; they add up to 1.
        valence: How pleasant the expression looks, [-1, 1]. NaN if the model has no basic
            expressions.
        arousal: How excited the expression looks, [-1, 1]; NaN as for valence.
        landmarks: (5, 2) float32 pixels: right eye, left eye, tip of the nose, right and left
            corner of the mouth. Left and right are those of the person, so the right eye is on
            the left of the picture. None if the detector does not find landmarks.
        attributes: Scores of further models by name, [0, 1].
        position: Centre of the face in metres in the camera's optical frame, for a face of mean
            size.
        head_pose: The point between the eyes, the rotation of the head, and the covariance. None
            if the detector does not find landmarks.
        attention: Probability that the head is turned to the camera, [0, 1]. None without a head
            pose.
        looks: Whether the head is turned to the camera. In a video, this is smoothed over time.
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
    position: Position | None = None
    head_pose: HeadPose | None = field(default=None, compare=False)
    attention: float | None = None
    looks: bool = False

    @property
    def yaw(self) -> float:
        """Degrees, positive to the person's left; NaN if unknown."""
        return self._angles[0]

    @property
    def pitch(self) -> float:
        """Degrees, positive downwards; NaN if unknown."""
        return self._angles[1]

    @property
    def roll(self) -> float:
        """Degrees, positive towards the person's right shoulder; NaN if unknown."""
        return self._angles[2]

    @property
    def _angles(self) -> tuple[float, float, float]:
        return (math.nan,) * 3 if self.head_pose is None else self.head_pose.angles

    def to_dict(self) -> dict[str, Any]:
        """Return a flat row. Its columns have the names of the tables of `annotate`.

        Those tables also have the columns `raw_label`, `raw_confidence` and `events`. Unknown
        values are NaN.
        """
        position = self.position or Position(math.nan, math.nan, math.nan, math.nan)
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
            'yaw': self.yaw,
            'pitch': self.pitch,
            'roll': self.roll,
            'attention': math.nan if self.attention is None else self.attention,
            'looks': self.looks,
            'position.x': position.x,
            'position.y': position.y,
            'position.z': position.z,
            **{f'probability.{name}': share for name, share in self.probabilities.items()},
            **self.attributes,
        }


class Faces(Sequence[Face]):
    """The faces of one picture, from left to right. It is empty if there is no face.

    Attributes:
        name: The file of the picture, or '' if pixels were passed.
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
        return data_frame([face.to_dict() for face in self], self.columns)

    @property
    def columns(self) -> list[str]:
        """The columns of every row. Models of further attributes add theirs."""
        return columns_of(self._emotions.class_names)

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

        `picture` is the file or, if pixels were passed, the index in the list.

        Raises:
            ImportError: pandas is not installed.
        """
        rows = [
            {'picture': faces.name or number, **face.to_dict()}
            for number, faces in enumerate(self)
            for face in faces
        ]
        return data_frame(rows, ['picture', *(self[0].columns if self else ())])


@dataclass(frozen=True, slots=True)
class TrackedFrame:
    """A frame of a video, camera or stream with its results.

    Attributes:
        number: Number of the frame, from 0.
        time: Seconds since the first frame.
        stamp: Time of the frame on the clock of the source, in nanoseconds.
        faces: The faces of the frame.
        events: Faces that appeared, changed their label or left in this frame.
        attention_events: Heads that turned to the camera or away in this frame.
    """

    number: int
    time: float
    stamp: int
    faces: Faces
    events: tuple[ExpressionEvent, ...]
    attention_events: tuple[AttentionEvent, ...] = ()

    @property
    def image(self) -> NDArray[np.uint8]:
        """Return the frame as a new (H, W, 3) uint8 BGR array."""
        return self.faces.image

    def annotated(self) -> NDArray[np.uint8]:
        """Return the frame with boxes, labels and bars, as a new BGR array."""
        return self.faces.annotated()


def face_of(
    emotion: FaceEmotion,
    class_names: Sequence[str],
    score: float,
    landmarks: NDArray[np.float32] | None,
) -> Face:
    """Return a face with its expression.

    Args:
        score: Confidence of its detection.
        landmarks: Landmarks of its detection.
    """
    return Face(
        face_id=emotion.face_id,
        box=emotion.box,
        score=score,
        label=emotion.label,
        confidence=emotion.confidence,
        uncertain=emotion.uncertain,
        probabilities=dict(zip(class_names, emotion.probabilities.tolist(), strict=True)),
        valence=emotion.valence,
        arousal=emotion.arousal,
        landmarks=landmarks,
        attributes=emotion.attributes,
        position=emotion.position,
        head_pose=emotion.head_pose,
        attention=emotion.attention,
        looks=emotion.looks,
    )


def columns_of(class_names: Sequence[str]) -> list[str]:
    """Return the columns of a face's row, for a model with these classes."""
    unknown = Face(
        face_id='',
        box=Box(0.0, 0.0, 0.0, 0.0),
        score=math.nan,
        label='',
        confidence=math.nan,
        uncertain=True,
        probabilities=dict.fromkeys(class_names, math.nan),
        valence=math.nan,
        arousal=math.nan,
    )
    return list(unknown.to_dict())


def data_frame(rows: list[dict[str, Any]], columns: Sequence[str]) -> Any:
    """Return a pandas.DataFrame.

    Args:
        columns: The columns of a table without rows.

    Raises:
        ImportError: pandas is not installed.
    """
    return import_pandas().DataFrame(rows, columns=None if rows else columns)


def import_pandas() -> Any:
    """Return pandas.

    Raises:
        ImportError: pandas is not installed.
    """
    try:
        import pandas
    except ImportError as error:
        raise ImportError(f'to_frame() needs pandas ({error}): run pip install pandas') from error
    return pandas

"""The results of one frame and their rows in the tables."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from fer_ros.core.types import EmotionSet, Event, EventType, FaceEmotion, labels_of

#: Angles of the head in degrees, the probability that it is turned to the camera, and the state.
HEAD_COLUMNS = ('yaw', 'pitch', 'roll', 'attention', 'looks')
#: The centre of the face in the camera's optical frame, metres.
POSITION_COLUMNS = ('position.x', 'position.y', 'position.z')
FACE_COLUMNS = (
    'input', 'frame', 'time', 'stamp', 'face_id', 'x', 'y', 'width', 'height', 'score', 'label',
    'confidence', 'uncertain', 'raw_label', 'raw_confidence', 'valence', 'arousal', 'events',
    *HEAD_COLUMNS, *POSITION_COLUMNS,
)  # fmt: skip
EVENT_COLUMNS = (
    'input', 'frame', 'time', 'stamp', 'type', 'face_id', 'label', 'previous_label', 'confidence',
    'duration',
)  # fmt: skip

#: Prefix of face ids. They count from 1 within each input, so that results are reproducible.
ID_PREFIX = 'face'

#: Decimals of probabilities and scores, of pixels, of seconds, of degrees, of metres.
_SCORE, _PIXEL, _SECOND, _ANGLE, _METRE = 4, 2, 6, 1, 3


@dataclass(frozen=True, slots=True)
class Record:
    """One frame: number from 0, time in seconds from the first frame, faces, events.

    Attributes:
        scores: Scores of the detector, by face_id, if they are known.
    """

    number: int
    time: float
    emotions: EmotionSet
    scores: Mapping[str, float]
    events: Sequence[Event]


class Tables:
    """The lines of the frames of one input: a row for each face, a line of JSON for each frame.

    Args:
        faces: CSV. A frame without a face has one empty row.
        events: CSV.
        frames: JSON.
    """

    def __init__(
        self,
        name: str,
        class_names: Sequence[str],
        attributes: Sequence[str],
        faces: TextIO,
        events: TextIO,
        frames: TextIO,
    ) -> None:
        self._name = name
        self._class_names = class_names
        self._attributes = attributes
        self._faces = csv.writer(faces, lineterminator='\n')
        self._events = csv.writer(events, lineterminator='\n')
        self._frames = frames
        self._faces.writerow(
            [*FACE_COLUMNS, *(f'probability.{name}' for name in class_names), *attributes]
        )
        self._events.writerow(EVENT_COLUMNS)

    def add(self, record: Record) -> None:
        """Write the lines of a frame."""
        place = [self._name, record.number, _number(record.time, _SECOND), record.emotions.stamp]
        happened: dict[str, list[str]] = {}
        for event in record.events:
            happened.setdefault(event.face_id, []).append(_in_words(event))
        for face in record.emotions.faces:
            self._faces.writerow([*place, *self._face(face, record, happened)])
        if not record.emotions.faces:
            self._faces.writerow(
                place
                + [''] * (len(FACE_COLUMNS) - 4 + len(self._class_names) + len(self._attributes))
            )
        for event in record.events:
            self._events.writerow([*place, *_event(event).values()])
        self._frames.write(self._line(record) + '\n')

    def _face(
        self,
        face: FaceEmotion,
        record: Record,
        happened: Mapping[str, Sequence[str]],
    ) -> list[Any]:
        box = face.box
        return [
            face.face_id,
            *(_number(side, _PIXEL) for side in (box.x, box.y, box.width, box.height)),
            _number(record.scores.get(face.face_id, math.nan), _SCORE),
            face.label,
            _number(face.confidence, _SCORE),
            int(face.uncertain),
            face.raw_label,
            _number(face.raw_confidence, _SCORE),
            _number(face.valence, _SCORE),
            _number(face.arousal, _SCORE),
            '; '.join(happened.get(face.face_id, ())),
            *(int(value) if isinstance(value, bool) else value for value in _head(face)),
            *_position(face),
            *(_number(value, _SCORE) for value in face.probabilities.tolist()),
            *(_number(face.attributes.get(name, math.nan), _SCORE) for name in self._attributes),
        ]

    def _line(self, record: Record) -> str:
        emotions = record.emotions
        return json.dumps({
            'input': self._name, 'frame': record.number, 'time': _number(record.time, _SECOND),
            'stamp': emotions.stamp, 'width': emotions.image_width,
            'height': emotions.image_height,
            'faces': [
                {'face_id': face.face_id,
                 'box': [_number(side, _PIXEL) for side in (
                     face.box.x, face.box.y, face.box.width, face.box.height)],
                 'score': _number(record.scores.get(face.face_id, math.nan), _SCORE),
                 'label': face.label, 'confidence': _number(face.confidence, _SCORE),
                 'uncertain': face.uncertain,
                 'raw_label': face.raw_label,
                 'raw_confidence': _number(face.raw_confidence, _SCORE),
                 'probabilities': {
                     name: _number(value, _SCORE) for name, value in zip(
                         self._class_names, face.probabilities.tolist(), strict=True)},
                 'valence': _number(face.valence, _SCORE),
                 'arousal': _number(face.arousal, _SCORE),
                 **dict(zip(HEAD_COLUMNS, _head(face), strict=True)),
                 'position': None if face.position is None else _position(face),
                 'attributes': {
                     name: _number(value, _SCORE) for name, value in face.attributes.items()}}
                for face in emotions.faces],
            'events': [_event(event) for event in record.events],
        })  # fmt: skip


def _head(face: FaceEmotion) -> list[Any]:
    """Return the values of HEAD_COLUMNS, None for unknown ones."""
    if face.head_pose is None:
        return [None] * len(HEAD_COLUMNS)
    angles = [_number(angle, _ANGLE) for angle in face.head_pose.angles]
    attention = None if face.attention is None else _number(face.attention, _SCORE)
    return [*angles, attention, face.looks]


def _position(face: FaceEmotion) -> list[float | None]:
    """Return the values of POSITION_COLUMNS, None for unknown ones."""
    place = face.position
    if place is None:
        return [None] * len(POSITION_COLUMNS)
    return [_number(metres, _METRE) for metres in (place.x, place.y, place.z)]


def _event(event: Event) -> dict[str, Any]:
    """Return what EVENT_COLUMNS name after the place."""
    label, previous_label, confidence = labels_of(event)
    return {
        'type': event.type.name.lower(),
        'face_id': event.face_id,
        'label': label,
        'previous_label': previous_label,
        'confidence': _number(confidence, _SCORE),
        'duration': _number(event.duration, _SECOND),
    }


def _number(value: float, decimals: int) -> float | None:
    """Return a rounded number, or None (an empty cell) if it is unknown."""
    return round(float(value), decimals) if math.isfinite(value) else None


def _in_words(event: Event) -> str:
    if event.type is EventType.CHANGED:
        return f'changed from {event.previous_label}'
    return event.type.name.lower().replace('_', ' ')

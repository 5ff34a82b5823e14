"""The JSON objects of the HTTP API. Stamps and durations are in seconds, positions in pixels."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, Field

from fer_ros.core.models import ModelCard
from fer_ros.core.types import (
    S_TO_NS,
    AttentionType,
    Box,
    EmotionSet,
    EventType,
    FaceEmotion,
    HeadPose,
    Position,
    labels_of,
)
from fer_ros.web.state.people import People
from fer_ros.web.state.pipeline_state import NumberedEvent, PipelineState
from fer_ros.web.state.time_line import SPAN

EventName = Literal['appeared', 'changed', 'left', 'looks', 'looks_away']

_EVENT_TYPES: dict[EventType | AttentionType, EventName] = {
    EventType.APPEARED: 'appeared',
    EventType.CHANGED: 'changed',
    EventType.LEFT: 'left',
    AttentionType.LOOKS: 'looks',
    AttentionType.LOOKS_AWAY: 'looks_away',
}


class BoxSchema(BaseModel):
    """A region of the picture: left, top, width and height in pixels."""

    x: float
    y: float
    width: float
    height: float


class PositionSchema(BaseModel):
    """A point in the camera's optical frame (x right, y down, z forward) in metres."""

    x: float
    y: float
    z: float


class HeadSchema(BaseModel):
    """The rotation of a head in degrees. All are 0 for an upright head along the optical axis."""

    yaw: float = Field(
        description="positive to the person's left, which is the right of the picture"
    )
    pitch: float = Field(description='positive downwards')
    roll: float = Field(description="positive towards the person's right shoulder")


class FaceSchema(BaseModel):
    """A face and its apparent expression."""

    face_id: str
    person: int = Field(
        description='number of the person, from 1: in a stream in the order of appearance since '
        'the start of the server, in a picture from left to right'
    )
    box: BoxSchema
    label: str = Field(description='the label of the last event of the face, or uncertain')
    confidence: float = Field(ge=0, le=1)
    uncertain: bool = Field(description='whether no class is probable enough at the moment')
    probabilities: dict[str, float] = Field(description='probability of each class; the sum is 1')
    valence: float | None = Field(description='[-1, 1], null if the model gives none')
    arousal: float | None = Field(description='[-1, 1], null if the model gives none')
    position: PositionSchema | None = Field(description='null without camera_info')
    head: HeadSchema | None = Field(description='null without landmarks or camera_info')
    attention: float | None = Field(
        description='probability that the head is turned to the robot, [0, 1], null without a '
        'head pose'
    )
    looks: bool = Field(description='whether the head has been turned to the robot for some time')
    attributes: dict[str, float] = Field(
        description='scores in [0, 1] of further attributes, if enabled'
    )


class FacesSchema(BaseModel):
    """The faces of one picture."""

    stamp: float = Field(description='capture time of the picture, seconds')
    image_width: int
    image_height: int
    model: str
    faces: list[FaceSchema]


class PictureSchema(FacesSchema):
    """The faces of an uploaded picture."""

    annotated: str | None = Field(
        None, description='the annotated picture in base64, if requested'
    )


class NowSchema(BaseModel):
    """The faces that are currently in view."""

    state: Literal['starting', 'searching', 'watching', 'stopped', 'off', 'link lost']
    text: str = Field(description='the state in words')
    result: FacesSchema | None = Field(description='null while no results arrive')


class EventSchema(BaseModel):
    """A face appeared, changed its label or left, or a head turned to the robot or away."""

    number: int = Field(description='number of the event since the start of the server, from 1')
    type: EventName
    face_id: str
    person: int = Field(description='number of the person, as in the list of faces')
    label: str = Field(description="empty for 'looks' and 'looks_away'")
    previous_label: str = Field(description="of 'changed', otherwise empty")
    confidence: float = Field(
        description="probability of the label; for 'looks' and 'looks_away', that the head is "
        'turned to the robot'
    )
    duration: float = Field(
        description="seconds that previous_label lasted ('changed'), that the face was in view "
        "('left') or that the head was turned to the robot ('looks_away'), otherwise 0"
    )
    stamp: float = Field(description='of the frame that caused the event, in seconds')
    box: BoxSchema


class SegmentSchema(BaseModel):
    """A label with its start and end in seconds."""

    start: float
    end: float
    label: str


class PersonHistorySchema(BaseModel):
    """The apparent expressions of one person over time."""

    person: int
    face_id: str
    in_view: bool = Field(description='seen within the last second')
    segments: list[SegmentSchema]
    samples: list[list[float]] = Field(
        description='about one per second: the time, then the percentage of each class'
    )


class HistorySchema(BaseModel):
    """The last ten minutes. Times are in seconds since 1970 by the server's clock."""

    now: float
    span: float = Field(description='seconds that are kept in memory')
    class_names: list[str]
    people: list[PersonHistorySchema]
    seen: dict[str, float] = Field(
        description='seconds for which each label was seen, for all people together'
    )


def history_schema(pipeline_state: PipelineState, after: float) -> HistorySchema:
    """Return the time lines from the time `after` of the wall clock on."""
    lines, wall = pipeline_state.time_lines(), pipeline_state.wall
    people = []
    for line in lines.faces.values():
        segments = [
            SegmentSchema(
                start=round(segment.start + wall, 3),
                end=round(segment.end + wall, 3),
                label=segment.label,
            )
            for segment in line.segments
            if segment.end + wall > after
        ]
        samples = [
            [round(sample.time + wall, 3), *sample.percent]
            for sample in line.samples
            if sample.time + wall > after
        ]
        if segments:
            people.append(
                PersonHistorySchema(
                    person=pipeline_state.people.number(line.face_id),
                    face_id=line.face_id,
                    in_view=lines.now - line.end < 1.0,
                    segments=segments,
                    samples=samples,
                )
            )
    return HistorySchema(
        now=round(lines.now + wall, 3),
        span=SPAN,
        class_names=list(lines.class_names),
        people=people,
        seen={label: round(seconds, 1) for label, seconds in lines.seen().items()},
    )


class HealthSchema(BaseModel):
    """The state of the server and the pipeline."""

    status: Literal['ok', 'waiting'] = Field(description='ok: results arrive')
    state: str
    text: str
    detail: str


class ProblemSchema(BaseModel):
    """The reason for a refused request."""

    detail: str


class ModelSchema(BaseModel):
    """The card of the current model."""

    name: str
    description: str
    labels: list[str] = Field(description='apparent expressions that it distinguishes')
    limits: str = Field(description='its limits, and the cases with more errors')
    data: str = Field(description='its training data')
    licence: str
    parameters: int = Field(description='number of weights')
    accuracy: float | None = Field(
        description='accuracy on its first test set, null if the card has none'
    )
    accuracy_of: str = Field(description='name of the test set')


def model_schema(card: ModelCard) -> ModelSchema:
    """Return the information about a model for people."""
    measured = (
        (name, figures['accuracy'])
        for name, figures in card.metrics.items()
        if isinstance(figures, dict) and isinstance(figures.get('accuracy'), float)
    )
    test_set, accuracy = next(measured, ('', None))
    return ModelSchema(
        name=card.name,
        description=card.description,
        labels=list(card.labels),
        limits=card.limits,
        data=card.data,
        licence=card.licence,
        parameters=card.parameters,
        accuracy=accuracy,
        accuracy_of=test_set,
    )


def faces_schema(emotions: EmotionSet, people: People) -> FacesSchema:
    """Return the faces of a picture."""
    return FacesSchema(
        stamp=emotions.stamp / S_TO_NS,
        image_width=emotions.image_width,
        image_height=emotions.image_height,
        model=emotions.model_name,
        faces=[
            _face(face, emotions.class_names, people.number(face.face_id))
            for face in emotions.faces
        ],
    )


def event_schema(numbered: NumberedEvent) -> EventSchema:
    """Return an event."""
    event = numbered.event
    label, previous_label, confidence = labels_of(event)
    return EventSchema(
        number=numbered.number,
        type=_EVENT_TYPES[event.type],
        face_id=event.face_id,
        person=numbered.person,
        label=label,
        previous_label=previous_label,
        confidence=round(confidence, 4),
        duration=event.duration,
        stamp=event.stamp / S_TO_NS,
        box=_box(event.box),
    )


def events_csv(events: Iterable[NumberedEvent]) -> str:
    """Return events as a table, without the positions of the faces."""
    columns = [name for name in EventSchema.model_fields if name != 'box']
    text = io.StringIO(newline='')
    writer = csv.writer(text, lineterminator='\n')
    writer.writerow(columns)
    for event in events:
        row = event_schema(event)
        writer.writerow([getattr(row, name) for name in columns])
    return text.getvalue()


def _face(face: FaceEmotion, class_names: tuple[str, ...], person: int) -> FaceSchema:
    return FaceSchema(
        face_id=face.face_id,
        person=person,
        box=_box(face.box),
        label=face.label,
        confidence=round(face.confidence, 4),
        uncertain=face.uncertain,
        probabilities={
            name: round(float(value), 4)
            for name, value in zip(class_names, face.probabilities, strict=True)
        },
        valence=_number(face.valence),
        arousal=_number(face.arousal),
        position=_position(face.position),
        head=_head(face.head_pose),
        attention=None if face.attention is None else round(face.attention, 4),
        looks=face.looks,
        attributes={name: round(float(score), 4) for name, score in face.attributes.items()},
    )


def _box(box: Box) -> BoxSchema:
    return BoxSchema(
        x=round(box.x, 1),
        y=round(box.y, 1),
        width=round(box.width, 1),
        height=round(box.height, 1),
    )


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)


def _position(position: Position | None) -> PositionSchema | None:
    if position is None:
        return None
    return PositionSchema(x=round(position.x, 3), y=round(position.y, 3), z=round(position.z, 3))


def _head(head: HeadPose | None) -> HeadSchema | None:
    if head is None:
        return None
    yaw, pitch, roll = (round(angle, 1) for angle in head.angles)
    return HeadSchema(yaw=yaw, pitch=pitch, roll=roll)

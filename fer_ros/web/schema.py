"""What the HTTP API says, as JSON. Stamps and durations are seconds, places source pixels."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import BaseModel, Field

from fer_ros.core.types import (
    Box,
    EmotionSet,
    EventType,
    ExpressionEvent,
    FaceEmotion,
    HeadPose,
    Position,
)
from fer_ros.web.board import NumberedEvent

EventName = Literal['appeared', 'changed', 'left']

_EVENT_TYPES: dict[EventType, EventName] = {
    EventType.APPEARED: 'appeared',
    EventType.CHANGED: 'changed',
    EventType.LEFT: 'left',
}

_NANOSECONDS = 1e-9


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
    """How a head is turned, degrees: all 0 for an upright head along the camera's optical axis."""

    yaw: float = Field(description="above 0 to the person's left, the right of the picture")
    pitch: float = Field(description='above 0 down')
    roll: float = Field(description="above 0 towards the person's right shoulder")


class FaceSchema(BaseModel):
    """A face and its apparent expression."""

    face_id: str
    box: BoxSchema
    label: str = Field(description='what the last event said of the face, or uncertain')
    confidence: float = Field(ge=0, le=1)
    uncertain: bool = Field(description='whether no class is probable enough now')
    probabilities: dict[str, float] = Field(description='of each class; the sum is 1')
    valence: float | None = Field(description='[-1, 1], null where the model gives none')
    arousal: float | None = Field(description='[-1, 1], null where the model gives none')
    position: PositionSchema | None = Field(description='null where the camera is not known')
    head: HeadSchema | None = Field(description='null without landmarks or camera')
    attention: float | None = Field(
        description='probability that the head is turned to the robot, [0, 1], null without head'
    )
    looks: bool = Field(description='whether the head is turned to the robot, told when it lasts')
    attributes: dict[str, float] = Field(
        description='scores in [0, 1] of further attributes, where switched on'
    )


class FacesSchema(BaseModel):
    """The faces of one picture."""

    stamp: float = Field(description='capture time of the picture, seconds')
    image_width: int
    image_height: int
    model: str
    faces: list[FaceSchema]


class NowSchema(BaseModel):
    """The faces in view now."""

    state: Literal['starting', 'searching', 'watching', 'stopped', 'link lost']
    text: str = Field(description='the same in words')
    result: FacesSchema | None = Field(description='null while no results come')


class EventSchema(BaseModel):
    """A face appeared, its label changed, or it left."""

    number: int = Field(description='counts from 1 at the start of the server')
    type: EventName
    face_id: str
    label: str
    previous_label: str = Field(description="of 'changed', else empty")
    confidence: float
    duration: float = Field(
        description="seconds that previous_label lasted ('changed') or the face was in view "
        "('left'), else 0"
    )
    stamp: float = Field(description='of the picture at which it was decided, seconds')
    box: BoxSchema


class HealthSchema(BaseModel):
    """How the server and what it shows are."""

    status: Literal['ok', 'waiting'] = Field(description='ok: results come')
    state: str
    text: str
    detail: str


class ProblemSchema(BaseModel):
    """Why a request was refused."""

    detail: str


def faces_schema(emotions: EmotionSet) -> FacesSchema:
    """Return the faces of a picture."""
    return FacesSchema(
        stamp=emotions.stamp * _NANOSECONDS,
        image_width=emotions.image_width,
        image_height=emotions.image_height,
        model=emotions.model_name,
        faces=[_face(face, emotions.class_names) for face in emotions.faces],
    )


def event_schema(numbered: NumberedEvent) -> EventSchema:
    """Return an event."""
    event: ExpressionEvent = numbered.event
    return EventSchema(
        number=numbered.number,
        type=_EVENT_TYPES[event.type],
        face_id=event.face_id,
        label=event.label,
        previous_label=event.previous_label,
        confidence=round(event.confidence, 4),
        duration=event.duration,
        stamp=event.stamp * _NANOSECONDS,
        box=_box(event.box),
    )


def _face(face: FaceEmotion, class_names: tuple[str, ...]) -> FaceSchema:
    return FaceSchema(
        face_id=face.face_id,
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
        attention=_number(face.attention),
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

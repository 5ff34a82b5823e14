"""The JSON objects of the HTTP API. Stamps and durations are in seconds, positions in pixels."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

EventName = Literal['appeared', 'changed', 'left', 'looks', 'looks_away']


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
    uncertain: bool = Field(description='whether no class is currently probable enough')
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
        description="probability of the label; for 'looks' and 'looks_away', the probability that "
        'the head is turned to the robot'
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

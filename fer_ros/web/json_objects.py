"""Conversion of results, events and model cards to the JSON objects of the HTTP API."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable

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
from fer_ros.web.schema import (
    BoxSchema,
    EventName,
    EventSchema,
    FaceSchema,
    FacesSchema,
    HeadSchema,
    HistorySchema,
    ModelSchema,
    PersonHistorySchema,
    PositionSchema,
    SegmentSchema,
)
from fer_ros.web.state.people import People
from fer_ros.web.state.pipeline_state import NumberedEvent, PipelineState
from fer_ros.web.state.time_line import SPAN

_EVENT_TYPES: dict[EventType | AttentionType, EventName] = {
    EventType.APPEARED: 'appeared',
    EventType.CHANGED: 'changed',
    EventType.LEFT: 'left',
    AttentionType.LOOKS: 'looks',
    AttentionType.LOOKS_AWAY: 'looks_away',
}


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

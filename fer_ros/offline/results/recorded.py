"""Recorded results without images: bags that `record` writes."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Any

import numpy as np

from fer_ros.core.errors import MessageError
from fer_ros.core.result_checks import check_emotions, check_event, scores_by_name
from fer_ros.core.types import (
    S_TO_NS,
    UNCERTAIN,
    AttentionEvent,
    AttentionType,
    Box,
    EmotionSet,
    Event,
    EventType,
    ExpressionEvent,
    FaceEmotion,
    HeadPose,
    Position,
    in_order,
)
from fer_ros.offline.inputs.bags import (
    ATTENTION_EVENT,
    EXPRESSION_EVENT,
    BagMessages,
    Topic,
    Value,
    open_bag,
    rate_of,
)
from fer_ros.offline.inputs.finding import Input
from fer_ros.offline.results.one_input import Results
from fer_ros.offline.results.output import Part
from fer_ros.offline.results.records import Record
from fer_ros.offline.settings import Settings


def write_recorded(
    one: Input,
    part: Part,
    settings: Settings,
    progress: Callable[[int, int], None],
) -> tuple[int, str]:
    """Write the tables of recorded face_emotions. Return the number of frames and a warning.

    Labels, probabilities and events are those of the recording.

    Raises:
        FerError: The recording cannot be read.
    """
    assert one.topic is not None
    with closing(open_bag(one.path)) as reader:
        first, attributes = _shape(reader, one.topic)
        with Results(
            one,
            part,
            settings,
            first.model_name,
            first.class_names,
            attributes,
            rate_of(one.topic, reader),
        ) as results:
            before: Record | None = None
            waiting, warnings = _events(reader, one.topic)
            recorded = BagMessages(reader, one.topic, _of_model(first.class_names))
            for number, emotions in enumerate(recorded):
                if before is not None:
                    results.add(before)
                happened = []
                while waiting and waiting[0].stamp <= emotions.stamp:
                    happened.append(waiting.popleft())
                before = Record(
                    number, (emotions.stamp - first.stamp) / S_TO_NS, emotions, {}, happened
                )
                progress(number + 1, one.topic.count)
            if before is not None:
                # Faces that left after the last frame.
                results.add(replace(before, events=[*before.events, *waiting]))
            warning = '; '.join(filter(None, (recorded.warning, *warnings)))
            results.finish(warning)
    return results.frames, warning


def _shape(reader: Any, topic: Topic) -> tuple[EmotionSet, list[str]]:
    """Return the first frame, or an empty one, and the attributes of the first face."""
    first: EmotionSet | None = None
    for emotions in BagMessages(reader, topic, _emotion_set):
        first = first or emotions
        if emotions.faces:
            return first, list(emotions.faces[0].attributes)
    return first or EmotionSet(0, '', 0, 0, (), '', ''), []


def _of_model(class_names: tuple[str, ...]) -> Callable[[Any, int], EmotionSet]:
    """Return a conversion that refuses the results of a model with other classes."""

    def convert(message: Any, recorded: int) -> EmotionSet:
        emotions = _emotion_set(message, recorded)
        if emotions.class_names != class_names:
            raise MessageError(
                f'it has the classes {", ".join(emotions.class_names)}, because the model was '
                'changed: record each model into its own bag'
            )
        return emotions

    return convert


def _emotion_set(message: Any, recorded: int) -> EmotionSet:
    emotions = EmotionSet(
        _stamp(message.header),
        message.header.frame_id,
        message.image_width,
        message.image_height,
        tuple(message.class_names),
        message.model_name,
        message.model_hash,
        tuple(map(face_of, message.faces)),
    )
    check_emotions(emotions)
    return emotions


def face_of(message: Any) -> FaceEmotion:
    """Return the face of a FaceEmotion from rosbags, also with an older definition."""
    scores = np.asarray(message.attribute_scores, float).tolist()
    return FaceEmotion(
        face_id=message.face_id,
        box=_box(message.roi),
        label=message.label,
        confidence=float(message.confidence),
        raw_label=message.raw_label,
        raw_confidence=float(message.raw_confidence),
        probabilities=np.asarray(message.probabilities, np.float32),
        valence=float(message.valence),
        arousal=float(message.arousal),
        attributes=scores_by_name(message.attribute_names, scores),
        position=_position(message),
        head_pose=_head_pose(message),
        attention=_attention(message),
        looks=bool(getattr(message, 'looks', False)),
        # Recordings from before this field have the label uncertain.
        uncertain=bool(getattr(message, 'uncertain', message.label == UNCERTAIN)),
        appeared=bool(getattr(message, 'appeared', False)),
    )


def _position(message: Any) -> Position | None:
    """Return the position of a face, or None if it is unknown or the field does not exist yet."""
    place = getattr(message, 'position', None)
    if place is None or math.isnan(place.z):
        return None
    return Position(float(place.x), float(place.y), float(place.z), float(message.position_stddev))


def _head_pose(message: Any) -> HeadPose | None:
    """Return the head pose of a face, or None if there is none or the field does not exist yet."""
    found = getattr(message, 'head_pose', None)
    if found is None or not found.pose.position.z > 0.0:
        return None
    place, turn = found.pose.position, found.pose.orientation
    return HeadPose(
        (float(place.x), float(place.y), float(place.z)),
        (float(turn.x), float(turn.y), float(turn.z), float(turn.w)),
        np.asarray(found.covariance, float).reshape(6, 6),
    )


def _attention(message: Any) -> float | None:
    """Return the attention of a face, or None if it is unknown."""
    found = float(getattr(message, 'attention', math.nan))
    return None if math.isnan(found) else found


def _events(reader: Any, topic: Topic) -> tuple[deque[Event], list[str]]:
    """Return the events in the same namespace as the topic, by their stamps, and warnings."""
    namespace = topic.name.rpartition('/')[0]
    events = _of_topic(
        reader, f'{namespace}/expression_events', EXPRESSION_EVENT, _expression_event
    )
    turns = _of_topic(reader, f'{namespace}/attention_events', ATTENTION_EVENT, _attention_event)
    # Read before the warnings, which are complete at the end.
    found = in_order(list(events), list(turns))
    warnings = [events.warning, turns.warning]
    return deque(sorted(found, key=lambda event: event.stamp)), warnings


def _of_topic(
    reader: Any, name: str, kind: str, convert: Callable[[Any, int], Value]
) -> BagMessages[Value]:
    count = sum(one.msgcount for one in reader.connections if one.topic == name)
    return BagMessages(reader, Topic(name, kind, count), convert)


def _expression_event(message: Any, recorded: int) -> ExpressionEvent:
    event = ExpressionEvent(
        EventType(message.type),
        _stamp(message.header),
        message.header.frame_id,
        message.face_id,
        message.label,
        message.previous_label,
        float(message.confidence),
        _seconds(message.duration),
        _box(message.roi),
    )
    check_event(event)
    return event


def _attention_event(message: Any, recorded: int) -> AttentionEvent:
    event = AttentionEvent(
        AttentionType(message.type),
        _stamp(message.header),
        message.header.frame_id,
        message.face_id,
        float(message.probability),
        _seconds(message.duration),
        _box(message.roi),
    )
    check_event(event)
    return event


def _seconds(duration: Any) -> float:
    return float(duration.sec + duration.nanosec / S_TO_NS)


def _stamp(header: Any) -> int:
    return int(header.stamp.sec * S_TO_NS + header.stamp.nanosec)


def _box(roi: Any) -> Box:
    return Box(*map(float, (roi.x_offset, roi.y_offset, roi.width, roi.height)))

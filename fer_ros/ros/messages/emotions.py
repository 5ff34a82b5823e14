"""Apparent expressions and their events to messages and back."""

from __future__ import annotations

import array
import math
from typing import TypeVar

import numpy as np

from fer_msgs import msg as fer_msgs
from fer_ros.core import types
from fer_ros.core.errors import MessageError
from fer_ros.core.result_checks import check_emotions, check_event, scores_by_name
from fer_ros.ros.messages.geometry import (
    box_from_roi,
    head_pose,
    position_from_point,
    set_point,
    set_pose,
    set_roi,
    stddev_of,
)
from fer_ros.ros.messages.interfaces import of_length
from fer_ros.ros.messages.stamps import (
    duration_message,
    seconds_of,
    set_header,
    stamp_from_time,
)

_Kind = TypeVar('_Kind', types.EventType, types.AttentionType)


def emotion_array(
    emotions: types.EmotionSet, message: fer_msgs.FaceEmotionArray | None = None
) -> fer_msgs.FaceEmotionArray:
    """Return the message of an emotion set.

    Args:
        emotions: The expressions.
        message: An earlier one, which is filled again. To create one takes five times as long,
            because rclpy fills each nested message with its defaults first.
    """
    message = message or fer_msgs.FaceEmotionArray()
    set_header(message.header, emotions.stamp, emotions.frame_id)
    message.image_width = emotions.image_width
    message.image_height = emotions.image_height
    message.class_names = list(emotions.class_names)
    message.model_name = emotions.model_name
    message.model_hash = emotions.model_hash
    message.faces = of_length(message.faces, len(emotions.faces), fer_msgs.FaceEmotion)
    for of_face, face in zip(message.faces, emotions.faces, strict=True):
        _set_face(of_face, face, emotions)
    return message


def _set_face(
    message: fer_msgs.FaceEmotion, face: types.FaceEmotion, emotions: types.EmotionSet
) -> None:
    message.face_id = face.face_id
    set_roi(message.roi, face.box, emotions.image_width, emotions.image_height)
    set_point(message.position, face.position)
    message.position_stddev = stddev_of(face.position)
    set_pose(message.head_pose, face.head_pose)
    message.attention = math.nan if face.attention is None else face.attention
    message.looks = face.looks
    message.appeared = face.appeared
    message.label = face.label
    message.confidence = face.confidence
    message.uncertain = face.uncertain
    message.raw_label = face.raw_label
    message.raw_confidence = face.raw_confidence
    message.probabilities = array.array('f', face.probabilities.tobytes())
    message.valence = face.valence
    message.arousal = face.arousal
    message.attribute_names = list(face.attributes)
    message.attribute_scores = array.array('f', face.attributes.values())


def event_message(event: types.ExpressionEvent) -> fer_msgs.ExpressionEvent:
    """Return the message of an event."""
    message = fer_msgs.ExpressionEvent(
        label=event.label, previous_label=event.previous_label, confidence=event.confidence
    )
    _set_event(message, event)
    return message


def attention_message(event: types.AttentionEvent) -> fer_msgs.AttentionEvent:
    """Return the message of an attention event."""
    message = fer_msgs.AttentionEvent(probability=event.probability)
    _set_event(message, event)
    return message


def _set_event(
    message: fer_msgs.ExpressionEvent | fer_msgs.AttentionEvent, event: types.Event
) -> None:
    """Fill the fields that all events have."""
    set_header(message.header, event.stamp, event.frame_id)
    message.type = event.type.value
    message.face_id = event.face_id
    message.duration = duration_message(event.duration)
    set_roi(message.roi, event.box, event.image_width, event.image_height)
    set_point(message.position, event.position)


def emotion_set(message: fer_msgs.FaceEmotionArray) -> types.EmotionSet:
    """Return the apparent expressions of a message.

    Raises:
        MessageError: A number of a face is missing, not finite or out of its range.
    """
    emotions = types.EmotionSet(
        stamp_from_time(message.header.stamp),
        message.header.frame_id,
        message.image_width,
        message.image_height,
        tuple(message.class_names),
        message.model_name,
        message.model_hash,
        tuple(map(_face_emotion, message.faces)),
    )
    check_emotions(emotions)
    return emotions


def _face_emotion(message: fer_msgs.FaceEmotion) -> types.FaceEmotion:
    return types.FaceEmotion(
        face_id=message.face_id,
        box=box_from_roi(message.roi),
        appeared=message.appeared,
        label=message.label,
        confidence=message.confidence,
        uncertain=message.uncertain,
        raw_label=message.raw_label,
        raw_confidence=message.raw_confidence,
        probabilities=np.asarray(message.probabilities, np.float32),
        valence=message.valence,
        arousal=message.arousal,
        position=position_from_point(message.position, message.position_stddev),
        head_pose=head_pose(message.head_pose),
        attention=None if math.isnan(message.attention) else message.attention,
        looks=message.looks,
        attributes=scores_by_name(message.attribute_names, message.attribute_scores),
    )


def expression_event(message: fer_msgs.ExpressionEvent) -> types.ExpressionEvent:
    """Return the event of a message. Its position has no standard deviation: NaN.

    Raises:
        MessageError: The type of the event is unknown, or a number is out of its range.
    """
    event = types.ExpressionEvent(
        type=_kind(types.EventType, message.type, 'ExpressionEvent'),
        stamp=stamp_from_time(message.header.stamp),
        frame_id=message.header.frame_id,
        face_id=message.face_id,
        label=message.label,
        previous_label=message.previous_label,
        confidence=message.confidence,
        duration=seconds_of(message.duration),
        box=box_from_roi(message.roi),
        position=position_from_point(message.position, math.nan),
    )
    check_event(event)
    return event


def attention_event(message: fer_msgs.AttentionEvent) -> types.AttentionEvent:
    """Return the event of a message. Its position has no standard deviation: NaN.

    Raises:
        MessageError: The type of the event is unknown, or a number is out of its range.
    """
    event = types.AttentionEvent(
        type=_kind(types.AttentionType, message.type, 'AttentionEvent'),
        stamp=stamp_from_time(message.header.stamp),
        frame_id=message.header.frame_id,
        face_id=message.face_id,
        probability=message.probability,
        duration=seconds_of(message.duration),
        box=box_from_roi(message.roi),
        position=position_from_point(message.position, math.nan),
    )
    check_event(event)
    return event


def _kind(kinds: type[_Kind], value: int, name: str) -> _Kind:
    """Return the kind of an event. `name` is that of its message."""
    try:
        return kinds(value)
    except ValueError as error:
        raise MessageError(
            f'an {name} has the unknown type {value}: its publisher must use those of {name}.msg'
        ) from error

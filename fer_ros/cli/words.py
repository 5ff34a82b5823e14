"""Events and current faces as text."""

from __future__ import annotations

from collections.abc import Sequence

from fer_ros.core.counting import count_text
from fer_ros.core.types import AttentionEvent, AttentionType, Event, EventType, FaceEmotion


def in_words(event: Event) -> str:
    """Return an event as one line of text."""
    if isinstance(event, AttentionEvent):
        if event.type is AttentionType.LOOKS:
            text = f'looks:    to the camera ({event.probability:.2f})'
        else:
            text = f'looks:    away after {event.duration:.1f} s'
    elif event.type is EventType.APPEARED:
        text = f'appeared: {event.label} ({event.confidence:.2f})'
    elif event.type is EventType.CHANGED:
        text = (
            f'changed:  {event.previous_label} -> {event.label} '
            f'({event.confidence:.2f}) after {event.duration:.1f} s'
        )
    else:
        text = f'left:     last {event.label}, seen for {event.duration:.1f} s'
    return f'{event.face_id}  {text}'


def status_line(faces: Sequence[FaceEmotion], latency: float | None) -> str:
    """Return the faces in view in one line.

    Args:
        latency: Seconds from the frame to the result, None if unknown.
    """
    late = '' if latency is None else f' ({latency * 1e3:.0f} ms after the frame)'
    if not faces:
        return f'searching for a face ...{late}'
    texts = ', '.join(f'{face.face_id} {face.label_text} {face.confidence:.2f}' for face in faces)
    return f'{len(faces)} in view: {texts}{late}'


def total(events: int, faces: int, frames: int) -> str:
    """Return what was seen until the end."""
    seen = f'{count_text(events, "event")} of {count_text(faces, "face")}'
    return f'{seen} in {count_text(frames, "frame")}'

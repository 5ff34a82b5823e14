"""Events as text."""

from __future__ import annotations

from fer_ros.core.types import AttentionEvent, AttentionType, Event, EventType


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

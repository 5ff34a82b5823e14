"""Creates events from labels: a face appeared, changed its apparent expression, or left."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from fer_ros.core.options import check_options, documented, same_option
from fer_ros.core.tracking import TrackerConfig
from fer_ros.core.types import S_TO_NS, EmotionSet, EventType, ExpressionEvent, FaceEmotion


@documented
@dataclass(frozen=True, slots=True)
class EventConfig:
    """When a face counts as gone.

    It is the timeout of the tracker: a face leaves when its id ends.

    Raises:
        ValueError: A value is out of range.
    """

    track_timeout: float = same_option(TrackerConfig, 'track_timeout')

    def __post_init__(self) -> None:
        check_options(self)


@dataclass(slots=True)
class _Presence:
    """The state of one face."""

    first_seen: int
    last_seen: int
    frame: EmotionSet
    face: FaceEmotion
    has_appeared: bool = False
    label_since: int = 0


class EventDetector:
    """Creates the events of faces.

    For each presence of a face, there is one APPEARED after it was in view for long enough, with
    any label, also `uncertain`. Then there is one CHANGED for each new label, and one LEFT. A face
    that leaves before it has appeared has no event.

    Args:
        config: You may replace it between frames.
    """

    def __init__(self, config: EventConfig) -> None:
        self.config = config
        self._presences: dict[str, _Presence] = {}

    @property
    def face_ids(self) -> AbstractSet[str]:
        """Ids of the present faces, also of those that have not appeared yet."""
        return self._presences.keys()

    def update(self, emotions: EmotionSet) -> list[ExpressionEvent]:
        """Return the events of the next frame.

        Faces that left are first, in the order of their arrival. The faces of the frame follow in
        its order. If stamps go back, call reset() first.
        """
        events = self.expire(emotions.stamp)
        for face in emotions.faces:
            event = self._see(emotions, face)
            if event is not None:
                events.append(event)
        return events

    def expire(self, now_ns: int) -> list[ExpressionEvent]:
        """Return LEFT for every face not seen for longer than the timeout.

        Call it from a timer while no frames arrive.

        Args:
            now_ns: The time on the clock of the stamps, nanoseconds.
        """
        timeout_ns = round(self.config.track_timeout * S_TO_NS)
        gone = [
            face_id
            for face_id, presence in self._presences.items()
            if now_ns - presence.last_seen > timeout_ns
        ]
        return self._leave(gone, now_ns)

    def reset(self, stamp_ns: int) -> list[ExpressionEvent]:
        """Forget all faces, and return LEFT with this stamp for those that appeared."""
        return self._leave(list(self._presences), stamp_ns)

    def _see(self, emotions: EmotionSet, face: FaceEmotion) -> ExpressionEvent | None:
        stamp = emotions.stamp
        presence = self._presences.get(face.face_id)
        if presence is None:
            presence = _Presence(stamp, stamp, emotions, face)
            self._presences[face.face_id] = presence
        previous, presence.face = presence.face.label, face
        presence.last_seen = stamp
        presence.frame = emotions
        if not presence.has_appeared:
            if not face.appeared:
                return None
            presence.has_appeared, presence.label_since = True, stamp
            return _event(EventType.APPEARED, presence, stamp)
        if face.label == previous:
            return None
        duration = (stamp - presence.label_since) / S_TO_NS
        presence.label_since = stamp
        return _event(EventType.CHANGED, presence, stamp, previous, duration)

    def _leave(self, face_ids: list[str], stamp: int) -> list[ExpressionEvent]:
        presences = [self._presences.pop(face_id) for face_id in face_ids]
        return [
            _event(
                EventType.LEFT,
                presence,
                stamp,
                duration=(presence.last_seen - presence.first_seen) / S_TO_NS,
            )
            for presence in presences
            if presence.has_appeared
        ]


def _event(
    event_type: EventType,
    presence: _Presence,
    stamp: int,
    previous_label: str = '',
    duration: float = 0.0,
) -> ExpressionEvent:
    return ExpressionEvent(
        type=event_type,
        stamp=stamp,
        frame_id=presence.frame.frame_id,
        face_id=presence.face.face_id,
        label=presence.face.label,
        previous_label=previous_label,
        confidence=presence.face.confidence,
        duration=duration,
        box=presence.face.box,
        position=presence.face.position,
        image_width=presence.frame.image_width,
        image_height=presence.frame.image_height,
    )

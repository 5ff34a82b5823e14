"""Events of heads that turn to the robot, and away, from head poses.

They describe where the head is turned. Eyes may look elsewhere: five landmarks do not show them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from fer_ros.core.attention.facing import Point, facing_probability
from fer_ros.core.options import check_options, documented, option
from fer_ros.core.types import S_TO_NS, AttentionEvent, AttentionType, FaceEmotion

#: A head counts as turned to the robot above the first averaged probability, and as turned away
#: below the second.
LOOKS_ABOVE, AWAY_BELOW = 0.6, 0.4

#: Largest weight of one frame, in seconds. At low rates, a single frame must not decide.
LONGEST_MOMENT = 0.25

#: The point of regard of a robot that looks out of its camera.
CAMERA: Point = (0.0, 0.0, 0.0)


def of_single_picture(face: FaceEmotion, attention: float | None) -> FaceEmotion:
    """Return a face with its attention, which alone decides whether the head is turned."""
    return replace(
        face, attention=attention, looks=attention is not None and attention > LOOKS_ABOVE
    )


@documented
@dataclass(frozen=True, slots=True)
class AttentionConfig:
    """What counts as looking at the robot; wrong values raise ValueError."""

    attention_cone: float = option(
        20.0,
        'Largest angle in degrees between the direction of the face and the point of regard at '
        'which the head counts as turned to the robot.',
        minimum=1.0,
        maximum=90.0,
    )
    attention_hold: float = option(
        0.4,
        'Seconds for which a head must clearly be turned to the robot, or away from it, before an '
        'event is sent. If the direction is uncertain, it takes longer.',
        minimum=0.0,
        maximum=60.0,
    )

    def __post_init__(self) -> None:
        check_options(self)


@dataclass(slots=True)
class _Attention:
    """The state of one face.

    Attributes:
        held: Moving average of the probability over the hold.
    """

    face: FaceEmotion
    frame_id: str
    newest: int
    probability: float
    held: float = 0.0
    looks: bool = False
    since: int = 0
    image_size: tuple[int, int] = (0, 0)


class AttentionDetector:
    """Tracks which heads are turned to the robot, and reports changes.

    Each LOOKS of a face is followed by one LOOKS_AWAY, at the latest when it leaves. A face
    without a head pose looks nowhere.

    Args:
        config: May be replaced between frames.
    """

    def __init__(self, config: AttentionConfig | None = None) -> None:
        self.config = config or AttentionConfig()
        self._known: dict[str, _Attention] = {}

    def update(
        self,
        faces: Sequence[FaceEmotion],
        stamp: int,
        frame_id: str,
        regard: Point | None = CAMERA,
        image_size: tuple[int, int] = (0, 0),
    ) -> tuple[list[FaceEmotion], list[AttentionEvent]]:
        """Return the faces of a frame with attention and looks filled in, and its events.

        Args:
            faces: Faces of the frame.
            stamp: Nanoseconds, not before that of the last frame.
            frame_id: The camera's optical frame.
            regard: The point of regard in the camera's optical frame, metres. None if it is not
                known: then there is no attention.
            image_size: Width and height of the frame, for the events. 0 if they are not known.
        """
        cone = self.config.attention_cone
        updated: list[FaceEmotion] = []
        events: list[AttentionEvent] = []
        for face in faces:
            known = self._known.get(face.face_id)
            if face.head_pose is None or regard is None:
                updated.append(replace(face, looks=known is not None and known.looks))
                continue
            probability = facing_probability(face.head_pose, regard, cone)
            if known is None:
                known = self._known[face.face_id] = _Attention(face, frame_id, stamp, probability)
            else:
                self._weigh(known, probability, stamp)
            turned = known.held > LOOKS_ABOVE or (known.looks and known.held >= AWAY_BELOW)
            face = replace(face, attention=probability, looks=turned)
            known.face, known.frame_id, known.image_size = face, frame_id, image_size
            known.probability = probability
            if turned != known.looks:
                events.append(_turn(known, stamp))
            updated.append(face)
        return updated, events

    def leave(self, face_ids: set[str], stamp: int) -> list[AttentionEvent]:
        """Forget faces that left, and return LOOKS_AWAY for those that looked."""
        gone = [self._known.pop(face_id) for face_id in list(self._known) if face_id in face_ids]
        return [_turn(known, stamp) for known in gone if known.looks]

    @property
    def face_ids(self) -> set[str]:
        """Ids of the known faces."""
        return set(self._known)

    def _weigh(self, known: _Attention, probability: float, stamp: int) -> None:
        elapsed = min((stamp - known.newest) / S_TO_NS, LONGEST_MOMENT)
        known.newest = stamp
        hold = self.config.attention_hold
        weight = 1.0 - math.exp(-elapsed / hold) if hold > 0.0 else 1.0
        known.held += weight * (probability - known.held)


def _turn(known: _Attention, stamp: int) -> AttentionEvent:
    """Note that a head turned, and return the event."""
    known.looks = not known.looks
    kind = AttentionType.LOOKS if known.looks else AttentionType.LOOKS_AWAY
    duration = 0.0 if known.looks else (stamp - known.since) / S_TO_NS
    known.since = stamp
    return AttentionEvent(
        kind,
        stamp,
        known.frame_id,
        known.face.face_id,
        known.probability,
        duration,
        known.face.box,
        known.face.position,
        *known.image_size,
    )

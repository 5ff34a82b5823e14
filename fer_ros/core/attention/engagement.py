"""Engagement over seconds: the four states that hri_msgs/EngagementLevel names."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum

from fer_ros.core.options import check_options, documented, option
from fer_ros.core.types import S_TO_NS, FaceEmotion


class Engagement(Enum):
    """Engagement of a person with the robot. The values are those of hri_msgs/EngagementLevel."""

    UNKNOWN = 0
    DISENGAGED = 1
    ENGAGING = 2
    ENGAGED = 3
    DISENGAGING = 4


@documented
@dataclass(frozen=True, slots=True)
class EngagementConfig:
    """What counts as engaged; wrong values raise ValueError.

    The default distance is the end of Hall's social distance (The Hidden Dimension, 1966).
    """

    engagement_distance: float = option(
        3.6,
        'Largest distance in metres at which a person can be engaged.',
        minimum=0.1,
        maximum=100.0,
    )
    engagement_time: float = option(
        2.0,
        'Seconds for which a person must look at the robot to become engaged, or look away to '
        'become disengaged.',
        minimum=0.0,
        maximum=600.0,
    )

    def __post_init__(self) -> None:
        check_options(self)


class EngagementDetector:
    """Keeps the engagement of each face.

    Args:
        config: May be replaced between frames.
    """

    def __init__(self, config: EngagementConfig | None = None) -> None:
        self.config = config or EngagementConfig()
        self._states: dict[str, tuple[Engagement, int]] = {}

    def update(self, face: FaceEmotion, stamp: int) -> Engagement:
        """Return the engagement of a face after this frame.

        UNKNOWN until the face has a head pose.

        Args:
            stamp: Nanoseconds.
        """
        state, since = self._states.get(face.face_id, (Engagement.UNKNOWN, stamp))
        if face.head_pose is None and state is Engagement.UNKNOWN:
            return state
        near = face.position is not None and face.position.z <= self.config.engagement_distance
        is_long = (stamp - since) / S_TO_NS >= self.config.engagement_time
        after = _next(state, face.looks and near, is_long)
        if after is not state:
            self._states[face.face_id] = after, stamp
        return after

    def keep_only(self, face_ids: AbstractSet[str]) -> None:
        """Forget all other faces."""
        self._states = {
            face_id: state for face_id, state in self._states.items() if face_id in face_ids
        }


def _next(state: Engagement, attends: bool, is_long: bool) -> Engagement:
    was_engaged = state in (Engagement.ENGAGED, Engagement.DISENGAGING)
    if attends:
        lasted = was_engaged or (state is Engagement.ENGAGING and is_long)
        return Engagement.ENGAGED if lasted else Engagement.ENGAGING
    goes_on = state is Engagement.ENGAGED or (was_engaged and not is_long)
    return Engagement.DISENGAGING if goes_on else Engagement.DISENGAGED

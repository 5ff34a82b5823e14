"""Tracks faces over time by their motion.

No library is suitable: norfair needs the unmaintained filterpy and counts lifetimes in frames,
motpy is unmaintained since 2021, and supervision and trackers need matplotlib, av or a second
OpenCV. Method: constant-velocity Kalman filter in seconds and optimal assignment, as in Bewley et
al., Simple Online and Realtime Tracking, 2016.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from fer_ros.core.assignment import least_cost_pairs
from fer_ros.core.constant_velocity import Axis
from fer_ros.core.options import check_options, documented, option
from fer_ros.core.types import S_TO_NS, Box, Detection, Track

ID_ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789'

#: Standard deviations of x, y and log height, x and y in box heights: of a measured box, of the
#: acceleration of a head (per second squared), of the velocity of a new face (per second).
MEASUREMENT = (0.05, 0.05, 0.06)
ACCELERATION = (6.0, 6.0, 0.5)
FIRST_VELOCITY = (3.0, 3.0, 0.7)

#: A box can belong to a known face within six standard deviations (squared here) and this many box
#: heights, plus some for each second without a detection. Both limits are wide, because the
#: assignment decides, and the box of a face jumps when a hand covers it.
MAX_DEVIATION = 36.0
FIRST_REACH = 1.5
REACH_SPEED = 1.5

#: Intersection over union above which two boxes are the same face.
MAX_OVERLAP = 0.5

IMPOSSIBLE = 1e6


@documented
@dataclass(frozen=True, slots=True)
class TrackerConfig:
    """When a detection becomes a face, and how long a face is tracked.

    Faces of the first frame are reported immediately. If frames are further apart than
    confirm_time, they are single pictures, and all faces are reported immediately.

    Raises:
        ValueError: A value is out of range.
    """

    track_timeout: float = option(
        2.0,
        'Seconds of header stamps without a detection after which a face leaves.',
        minimum=0.1,
        maximum=60.0,
    )
    confirm_hits: int = option(
        2,
        'Frames in which a new face must be seen before it is reported.',
        minimum=1,
        maximum=1000,
    )
    confirm_time: float = option(
        0.5, 'Largest number of seconds between those frames.', minimum=0.001, maximum=60.0
    )

    def __post_init__(self) -> None:
        check_options(self)


class FaceTracker:
    """Tracks faces from frame to frame.

    Ids are a letter, four random letters or digits of this tracker, and a count: 'f3k9x1'. They
    are never used again (REP-155). A fixed prefix gives reproducible ids: 'face1', 'face2', …
    """

    def __init__(self, config: TrackerConfig | None = None, prefix: str | None = None) -> None:
        self.config = config or TrackerConfig()
        if prefix is None:
            prefix = 'f' + ''.join(secrets.choice(ID_ALPHABET) for _ in range(4))
        self._prefix = prefix
        self._count = 0
        self._tracked: list[_Tracked] = []
        self._seconds: float | None = None

    def reset(self) -> None:
        """Forget all faces, as after a jump of the clock. The counter of ids continues."""
        self._tracked = []
        self._seconds = None

    def update(self, detections: Sequence[Detection], stamp_ns: int) -> list[Track]:
        """Return the detections of this frame that are confirmed faces, in the given order.

        Args:
            detections: All faces of the frame.
            stamp_ns: Stamp of the frame, in nanoseconds. An earlier stamp than the last one counts
                as the same time. If stamps go back, call reset() first.
        """
        seconds = stamp_ns / S_TO_NS
        since_last = math.inf if self._seconds is None else max(seconds - self._seconds, 0.0)
        self._seconds = seconds
        self._drop_lost(seconds)
        for tracked in self._tracked:
            tracked.filter.predict(since_last)
        detections = _without_duplicates(detections)
        boxes = [detection.box for detection in detections]
        assigned = self._assign(boxes)
        for tracked in self._tracked:
            tracked.missed = True
        at_once = since_last > self.config.confirm_time
        tracks = []
        for index, detection in enumerate(detections):
            tracked = assigned.get(index) or self._begin(detection.box)
            if index in assigned:
                tracked.filter.correct(detection.box)
            tracked.see(seconds)
            if not tracked.face_id and (at_once or tracked.hits >= self.config.confirm_hits):
                self._count += 1
                tracked.face_id = f'{self._prefix}{self._count}'
            if tracked.face_id:
                tracks.append(Track(tracked.face_id, detection))
        return tracks

    def _begin(self, box: Box) -> _Tracked:
        tracked = _Tracked(box)
        self._tracked.append(tracked)
        return tracked

    def _drop_lost(self, seconds: float) -> None:
        """Forget faces after their timeout, and new ones that were not confirmed."""
        timeouts = {True: self.config.track_timeout, False: self.config.confirm_time}
        self._tracked = [
            tracked
            for tracked in self._tracked
            if seconds - tracked.last_seen <= timeouts[bool(tracked.face_id)]
        ]

    def _assign(self, boxes: list[Box]) -> dict[int, _Tracked]:
        """Return the known face of each box by its index, without new faces.

        Faces of the last frame are assigned first, because a hidden face must not take the box of
        the face in front of it. New faces are last, so that they take no box of a known one.
        """
        assigned: dict[int, _Tracked] = {}
        for rank in (0, 1, 2):
            known = [tracked for tracked in self._tracked if tracked.rank == rank]
            free = [index for index in range(len(boxes)) if index not in assigned]
            if known and free:
                pairs = _match([t.filter for t in known], [boxes[index] for index in free])
                assigned.update({free[column]: known[row] for row, column in pairs})
        return assigned


class _Tracked:
    """A tracked face. `face_id` is empty until the face is confirmed."""

    def __init__(self, box: Box) -> None:
        self.filter = _Filter(box)
        self.face_id = ''
        self.hits = 0
        self.missed = False
        self.last_seen = 0.0

    @property
    def rank(self) -> int:
        """Return the rank in the assignment, 0 is first."""
        if not self.face_id:
            return 2
        return 1 if self.missed else 0

    def see(self, seconds: float) -> None:
        self.hits += 1
        self.missed = False
        self.last_seen = seconds


class _Filter:
    """Constant-velocity Kalman filters of centre x, centre y and log height."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.unseen = 0.0
        self.axes = [
            Axis(measured, (deviation * unit) ** 2, (velocity * unit) ** 2)
            for measured, deviation, velocity, unit in zip(
                _measure(box), MEASUREMENT, FIRST_VELOCITY, self._units, strict=True
            )
        ]

    @property
    def position(self) -> list[float]:
        """Return the predicted measurement."""
        return [axis.position for axis in self.axes]

    @property
    def spread(self) -> list[float]:
        """Return the variance of the difference between a measurement and the prediction."""
        return [
            axis.variance + (deviation * unit) ** 2
            for axis, deviation, unit in zip(self.axes, MEASUREMENT, self._units, strict=True)
        ]

    def predict(self, dt: float) -> None:
        """Predict the state after `dt` seconds."""
        self.unseen += dt
        for axis, acceleration, unit in zip(self.axes, ACCELERATION, self._units, strict=True):
            axis.predict(dt, (acceleration * unit) ** 2)

    def correct(self, box: Box) -> None:
        """Correct the state with a measured box."""
        for axis, measured, spread in zip(self.axes, _measure(box), self.spread, strict=True):
            axis.correct(measured, spread)
        self.box = box
        self.unseen = 0.0

    @property
    def _units(self) -> tuple[float, float, float]:
        """Return the units: box heights for the centre, and 1 for the log height, which is
        relative."""
        return self.box.height, self.box.height, 1.0


def _measure(box: Box) -> tuple[float, float, float]:
    return (*box.center, math.log(box.height))


def _match(filters: list[_Filter], boxes: list[Box]) -> list[tuple[int, int]]:
    """Return the most probable combination of pairs of filter and box."""
    measured = [(*_measure(box), box.height) for box in boxes]
    costs = [_costs(motion, measured) for motion in filters]
    pairs = least_cost_pairs(costs)
    return [(row, column) for row, column in pairs if costs[row][column] < IMPOSSIBLE]


def _costs(motion: _Filter, measured: Sequence[tuple[float, float, float, float]]) -> list[float]:
    """Return the cost of each box for a filter, IMPOSSIBLE if it is too far away.

    It uses plain numbers, because arrays of a few faces take longer to create than to compute.

    Args:
        motion: The filter.
        measured: Centre x, y, log height and height of each box.
    """
    x, y, log_height = motion.position
    spread_x, spread_y, spread_height = motion.spread
    rarity = sum(map(math.log, motion.spread))
    reach = FIRST_REACH + REACH_SPEED * motion.unseen
    costs = []
    for box_x, box_y, box_log_height, height in measured:
        right, down, growth = box_x - x, box_y - y, box_log_height - log_height
        deviation = right**2 / spread_x + down**2 / spread_y + growth**2 / spread_height
        limit = reach * max(motion.box.height, height)
        possible = deviation < MAX_DEVIATION and math.hypot(right, down) < limit
        costs.append(deviation + rarity if possible else IMPOSSIBLE)
    return costs


def _without_duplicates(detections: Sequence[Detection]) -> list[Detection]:
    """Remove boxes that overlap a box with a higher confidence, because they are the same face."""
    order = sorted(
        range(len(detections)), key=lambda index: (-detections[index].confidence, index)
    )
    duplicates = {
        second
        for place, first in enumerate(order)
        for second in order[place + 1 :]
        if detections[first].box.iou(detections[second].box) > MAX_OVERLAP
    }
    return [d for index, d in enumerate(detections) if index not in duplicates]

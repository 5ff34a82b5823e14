"""Counts and times of the apparent expressions of each face. `uncertain` counts as a label."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.types import AttentionType, EventType
from fer_ros.offline.results.records import Record

#: Longest gap in seconds, and in frames, within one bar of the time line.
LONGEST_GAP, FRAMES_IN_GAP = 0.5, 3

_EVENT_NAMES = [kind.name.lower() for kind in (*EventType, *AttentionType)]

#: Number of steps of a curve, about as many as fit into a chart, and the shortest step in seconds.
MOST_STEPS, SHORTEST_STEP = 160, 0.001


class Curve:
    """Mean probabilities over time, in steps that grow with the length of the input.

    Args:
        period: Length of the first steps in seconds.
    """

    def __init__(self, period: float) -> None:
        # The stamps of a bag can imply any rate.
        self._period = max(period, SHORTEST_STEP)
        self._sums: dict[int, NDArray[np.float64]] = {}
        self._counts: Counter[int] = Counter()

    def add(self, time: float, probabilities: NDArray[np.float32]) -> None:
        """Add the probabilities of one face at `time`, in seconds."""
        while time >= MOST_STEPS * self._period:
            self._halve()
        # Add a little, because 8.2 / 0.1 is less than 82.
        step = max(0, int(time / self._period + 1e-6))
        self._sums[step] = self._sums.get(step, 0.0) + probabilities.astype(np.float64)
        self._counts[step] += 1

    def _halve(self) -> None:
        sums, counts = self._sums, self._counts
        self._sums, self._counts = {}, Counter()
        self._period *= 2
        for step, values in sums.items():
            self._sums[step // 2] = self._sums.get(step // 2, 0.0) + values
            self._counts[step // 2] += counts[step]

    def as_json(self) -> dict[str, Any]:
        """Return the length of a step and, for each step with a face, its number and the means."""
        return {
            'period': round(self._period, 6),
            'steps': [
                [
                    step,
                    *(
                        round(value, 3)
                        for value in (self._sums[step] / self._counts[step]).tolist()
                    ),
                ]
                for step in sorted(self._sums)
            ],
        }


@dataclass(slots=True)
class FaceTally:
    """One face: frames by label, spans (start and end in seconds, with the label), and a curve."""

    first: float
    last: float
    curve: Curve
    labels: Counter[str] = field(default_factory=Counter)
    spans: list[tuple[float, float, str]] = field(default_factory=list)


class Tally:
    """Counts the frames of one input.

    Args:
        period: Approximate duration of a frame in seconds.
    """

    def __init__(self, period: float) -> None:
        self._period = period
        self._gap = max(LONGEST_GAP, FRAMES_IN_GAP * period)
        self.frames = 0
        self.frames_with_faces = 0
        self.end = 0.0
        self.size = (0, 0)
        self.labels: Counter[str] = Counter()
        self.events: Counter[str] = Counter()
        self.faces: dict[str, FaceTally] = {}
        self._curve = Curve(period)

    def add(self, record: Record) -> None:
        """Count a frame."""
        emotions = record.emotions
        self.frames += 1
        self.frames_with_faces += bool(emotions.faces)
        # A recording that starts again has earlier times.
        self.end = max(self.end, record.time + self._period)
        self.size = (emotions.image_width, emotions.image_height)
        self.events.update(event.type.name.lower() for event in record.events)
        for face in emotions.faces:
            self.labels[face.label_now] += 1
            tally = self.faces.setdefault(
                face.face_id, FaceTally(record.time, record.time, Curve(self._period))
            )
            tally.last = record.time
            tally.curve.add(record.time, face.probabilities)
            self._curve.add(record.time, face.probabilities)
            tally.labels[face.label_now] += 1
            self._extend(tally.spans, record.time, face.label_now)

    def _extend(self, spans: list[tuple[float, float, str]], time: float, label: str) -> None:
        """Extend the last span to `time`, or start a new one."""
        start = time
        if spans and spans[-1][0] <= time <= spans[-1][1] + self._gap:
            last_start, _, last_label = spans.pop()
            if last_label == label:
                start = last_start
            else:
                spans.append((last_start, time, last_label))
        spans.append((start, time + self._period, label))

    def as_json(self) -> dict[str, Any]:
        """Return values for json.dumps, with the most frequent labels first."""
        return {
            'frames': self.frames,
            'frames_with_faces': self.frames_with_faces,
            'duration': round(self.end, 3),
            'width': self.size[0],
            'height': self.size[1],
            'labels': dict(self.labels.most_common()),
            'events': {name: self.events[name] for name in _EVENT_NAMES},
            'probabilities': self._curve.as_json(),
            'faces': [
                {
                    'face_id': face_id,
                    'first': round(face.first, 3),
                    'last': round(face.last, 3),
                    'frames': face.labels.total(),
                    'labels': dict(face.labels.most_common()),
                    'spans': [
                        [round(start, 3), round(end, 3), label] for start, end, label in face.spans
                    ],
                    'probabilities': face.curve.as_json(),
                }
                for face_id, face in self.faces.items()
            ],
        }

"""How often and when each face showed which apparent expression; `uncertain` is counted as one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.types import AttentionType, EventType
from fer_ros.offline.results.records import Record

#: Seconds, and frames, that a face may be unseen within one bar of the time line.
LONGEST_GAP, FRAMES_IN_GAP = 0.5, 3

_EVENT_NAMES = [kind.name.lower() for kind in (*EventType, *AttentionType)]

#: Steps of a curve, about as many as a chart has room for, and seconds of the shortest.
MOST_STEPS, SHORTEST_STEP = 160, 0.001


class Curve:
    """Mean probabilities over time, in steps that grow with the length of the input.

    period: seconds, of a step at first.
    """

    def __init__(self, period: float) -> None:
        # Stamps of a bag may claim any rate.
        self._period = max(period, SHORTEST_STEP)
        self._sums: dict[int, NDArray[np.float64]] = {}
        self._counts: Counter[int] = Counter()

    def add(self, time: float, probabilities: NDArray[np.float32]) -> None:
        """Take what one face showed at `time`, seconds."""
        while time >= MOST_STEPS * self._period:
            self._halve()
        # A little more, since 8.2 / 0.1 is less than 82.
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
        """Return the length of a step and, for each step with a face in it, number and means."""
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
    """One face: frames by label, spans as start and end in seconds with their label, a curve."""

    first: float
    last: float
    curve: Curve
    labels: Counter[str] = field(default_factory=Counter)
    spans: list[tuple[float, float, str]] = field(default_factory=list)


class Tally:
    """Counts the frames of one input as they come.

    period: seconds that a frame lasts, about.
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
        self.end = record.time + self._period
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
        """Let the last span reach until `time`, or begin a new one."""
        start = time
        if spans and spans[-1][0] <= time <= spans[-1][1] + self._gap:
            last_start, _, last_label = spans.pop()
            if last_label == label:
                start = last_start
            else:
                spans.append((last_start, time, last_label))
        spans.append((start, time + self._period, label))

    def as_json(self) -> dict[str, Any]:
        """Return what json.dumps takes; labels by how often they came."""
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

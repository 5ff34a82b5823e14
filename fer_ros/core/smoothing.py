"""Smoothing of class probabilities over time, and the labels of faces.

All times are seconds of frame stamps, so the same stamped frames give the same labels at any
playback speed. Below 10 Hz, labels change later, because a frame counts for at most 0.1 s. The
majority filter counts frames.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from math import exp, log
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.options import check_options, documented, option
from fer_ros.core.types import S_TO_NS, UNCERTAIN

SmoothingMethod = Literal['off', 'majority', 'ema']

# Smaller probabilities count as this one, because their differences are noise.
_LEAST_PROBABILITY = 0.1
_MOST_EVIDENCE_OF_A_FRAME = 0.5

# Largest weight of one frame, in seconds. It shows a moment, and not a long gap before it.
_LONGEST_MOMENT = 0.1


@documented
@dataclass(frozen=True, slots=True)
class SmoothingConfig:
    """How probabilities are smoothed, and when a label changes.

    With `off`, each frame counts on its own, without hysteresis. A frame counts for at most 0.1 s,
    and a new label needs at least two frames. With a `hold` of 0, it changes immediately. A face
    that becomes uncertain keeps its label. Until a face has appeared, its label is the most
    probable class and follows each frame.

    Raises:
        ValueError: A value is out of range.
    """

    method: SmoothingMethod = option(
        'ema',
        'Filter over time: ema (exponential moving average), majority (vote of a window), off.',
        choices=get_args(SmoothingMethod),
    )
    time_constant: float = option(
        0.2,
        'ema: seconds in which the weight of a frame falls to 1/e. With a larger value, labels '
        'are steadier and change later.',
        minimum=0.001,
        maximum=60.0,
    )
    window: int = option(10, 'majority: number of frames that vote.', minimum=1, maximum=1000)
    hold: float = option(
        0.25,
        'Seconds for which a new label must be 2.7 times as probable as the current label to '
        'replace it. If it is more probable than that, it needs less time, otherwise more.',
        minimum=0.0,
        maximum=60.0,
    )
    appear_time: float = option(
        0.2,
        'Seconds for which a face must be in view, with any label, before the event APPEARED is '
        'sent.',
        minimum=0.0,
        maximum=60.0,
    )
    uncertain_threshold: float = option(
        0.35,
        'A face is uncertain while every class is below this probability. With a larger value, '
        'more faces are uncertain.',
        minimum=0.0,
        maximum=1.0,
    )

    def __post_init__(self) -> None:
        check_options(self)


@dataclass(frozen=True, slots=True)
class Smoothed:
    """The state of one face after a frame.

    Attributes:
        label: The latest accepted class. 'uncertain' until a class was probable enough, and never
            after the face has appeared.
        confidence: Smoothed probability of label, [0, 1]. For 'uncertain', of the most probable
            class.
        uncertain: Whether no class is probable enough now. Always True if label is 'uncertain'.
        appeared: Whether the face has been in view for appear_time.
        raw_label: The most probable class of this frame.
        raw_confidence: Its probability in this frame, [0, 1].
        probabilities: (K,) float32, smoothed, sum 1.
    """

    label: str
    confidence: float
    uncertain: bool
    appeared: bool
    raw_label: str
    raw_confidence: float
    probabilities: NDArray[np.float32]


@dataclass(slots=True)
class _FaceHistory:
    """The history of one face.

    Attributes:
        weighted_sum: Weighted sum of its frames, for 'ema'.
        weight: Sum of the weights of its frames, for 'ema'.
        window: Its latest frames, for 'majority'.
        evidence: (K,), for each class against the label, [0, 1]. At 1 the class replaces the
            label.
        label: The index of a class, None for 'uncertain'.
    """

    first_stamp: int
    stamp: int
    weighted_sum: list[float]
    evidence: list[float]
    weight: float = 0.0
    window: deque[list[float]] = field(default_factory=deque)
    appeared: bool = False
    label: int | None = None

    def forget_frames(self) -> None:
        """Restart the smoothing. The label of the face stays."""
        self.weighted_sum = [0.0] * len(self.weighted_sum)
        self.evidence = [0.0] * len(self.evidence)
        self.weight = 0.0
        self.window.clear()


class ExpressionSmoother:
    """Smooths the probabilities of each face over its history."""

    def __init__(self, config: SmoothingConfig, class_names: Sequence[str]) -> None:
        if not class_names:
            raise ValueError('class_names is empty: it must name each class of the model')
        self._config = config
        self._class_names = tuple(class_names)
        self._faces: dict[str, _FaceHistory] = {}

    @property
    def config(self) -> SmoothingConfig:
        """The configuration from the next frame on. Another method restarts the smoothing. Labels
        stay."""
        return self._config

    @config.setter
    def config(self, config: SmoothingConfig) -> None:
        if config.method != self._config.method:
            for history in self._faces.values():
                history.forget_frames()
        self._config = config

    @property
    def face_ids(self) -> AbstractSet[str]:
        """Ids of the faces with a history."""
        return self._faces.keys()

    def update(self, face_id: str, probabilities: NDArray[np.float32], stamp_ns: int) -> Smoothed:
        """Update a face with the probabilities of the next frame, and return its state.

        Args:
            probabilities: (K,) in the order of class_names, sum 1.
            stamp_ns: Stamp of the frame, in nanoseconds. A frame with the same stamp as the last
                one changes only the raw label. If stamps go back, call reset() first.

        Raises:
            ValueError: The number of probabilities differs.
        """
        if probabilities.shape != (len(self._class_names),):
            raise ValueError(
                f'probabilities have shape {probabilities.shape}, but must have the shape '
                f'({len(self._class_names)},): one for each of {", ".join(self._class_names)}'
            )
        # Plain numbers, because arrays of a few numbers take longer to create than to compute.
        row: list[float] = probabilities.tolist()
        history = self._faces.get(face_id)
        if history is None:
            zeros = [0.0] * len(row)
            history = _FaceHistory(stamp_ns, stamp_ns, zeros, zeros)
            self._faces[face_id] = history
            self._average(history, row, 0.0)
        elif stamp_ns > history.stamp or not (history.weight or history.window):
            elapsed = (stamp_ns - history.stamp) / S_TO_NS
            history.stamp = stamp_ns
            self._average(history, row, elapsed)
            self._weigh(history, row, elapsed)
        smoothed, leader = self._smoothed(history, row)
        self._settle(history, smoothed, leader)
        return self._result(history, row, smoothed, leader)

    def forget(self, face_id: str) -> None:
        """Drop the history of a face that left. Unknown faces are fine."""
        self._faces.pop(face_id, None)

    def reset(self) -> None:
        """Drop every history."""
        self._faces.clear()

    def _average(self, history: _FaceHistory, row: list[float], elapsed: float) -> None:
        if self._config.method == 'ema':
            # Each frame has a weight of 1 at first, which decays with age. At a constant rate this
            # is the moving average with factor 1 - exp(-elapsed / time_constant). But the first
            # frame has the same weight as the others, and a gap reduces the weight of the past.
            decay = exp(-elapsed / self._config.time_constant)
            history.weighted_sum = [
                decay * past + now for past, now in zip(history.weighted_sum, row, strict=True)
            ]
            history.weight = history.weight * decay + 1.0
        elif self._config.method == 'majority':
            history.window.append(row)
            while len(history.window) > self._config.window:
                history.window.popleft()

    def _weigh(self, history: _FaceHistory, row: list[float], elapsed: float) -> None:
        """Add the evidence of a frame for each class against the label.

        A cumulative sum of log likelihood ratios (Page 1954, 'Continuous inspection schemes',
        Biometrika 41) detects a change with the shortest delay for a given rate of false ones: a
        clear change takes less time than a doubtful one.
        """
        if history.label is None or self._config.hold == 0:
            return
        rate = min(elapsed, _LONGEST_MOMENT) / self._config.hold
        logs = [log(max(probability, _LEAST_PROBABILITY)) for probability in row]
        of_label = logs[history.label]
        gains = [min(rate * (of_class - of_label), _MOST_EVIDENCE_OF_A_FRAME) for of_class in logs]
        history.evidence = [
            min(max(past + gain, 0.0), 1.0)
            for past, gain in zip(history.evidence, gains, strict=True)
        ]

    def _smoothed(self, history: _FaceHistory, row: list[float]) -> tuple[list[float], int]:
        """Return smoothed probabilities and the index of the leading class."""
        if self._config.method == 'ema':
            smoothed = [total / history.weight for total in history.weighted_sum]
            return smoothed, _leader(smoothed)
        if self._config.method == 'majority':
            smoothed = [
                sum(of_class) / len(of_class) for of_class in zip(*history.window, strict=True)
            ]
            votes = Counter(map(_leader, history.window))
            # The mean is below 1, so it decides only between equal votes.
            return smoothed, _leader([votes[c] + mean / 2 for c, mean in enumerate(smoothed)])
        return row, _leader(row)

    def _settle(self, history: _FaceHistory, smoothed: list[float], leader: int) -> None:
        """Let the face appear, and change its label to the leading class, if it is time."""
        config = self._config
        in_view = (history.stamp - history.first_stamp) / S_TO_NS
        if not history.appeared:
            history.appeared = in_view >= config.appear_time
            history.label = None
        if not self._is_clear(smoothed, leader):
            return
        at_once = config.method == 'off' or config.hold == 0 or history.label is None
        if leader != history.label and (at_once or history.evidence[leader] >= 1):
            history.label = leader
            history.evidence = [0.0] * len(smoothed)

    def _is_clear(self, smoothed: list[float], leader: int) -> bool:
        return smoothed[leader] >= self._config.uncertain_threshold

    def _result(
        self, history: _FaceHistory, row: list[float], smoothed: list[float], leader: int
    ) -> Smoothed:
        names, label = self._class_names, history.label
        raw = _leader(row)
        return Smoothed(
            label=UNCERTAIN if label is None else names[label],
            confidence=max(smoothed) if label is None else smoothed[label],
            uncertain=label is None or not self._is_clear(smoothed, leader),
            appeared=history.appeared,
            raw_label=names[raw],
            raw_confidence=row[raw],
            probabilities=np.array(smoothed, np.float32),
        )


def _leader(values: Sequence[float]) -> int:
    """Return the index of the first of the largest values."""
    return max(range(len(values)), key=values.__getitem__)

"""The labels and probabilities of each face over the last ten minutes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace

from fer_ros.core.types import EmotionSet
from fer_ros.web.colours import web_colour
from fer_ros.web.state.health import OLD

#: Length of the time lines in seconds.
SPAN = 600.0

#: Longest gap in seconds between two results of a face that its line bridges.
GAP = OLD

#: Seconds between two samples of the probabilities.
SAMPLE_PERIOD = 1.0

#: Number of faces that are kept (the latest ones), and of labels of each.
MOST_FACES = 24
MOST_SEGMENTS = 2000


@dataclass(frozen=True, slots=True)
class Segment:
    """A label with its start and end, in seconds of the pipeline state's clock."""

    start: float
    end: float
    label: str
    colour: str


@dataclass(frozen=True, slots=True)
class Sample:
    """The probabilities at one time, in the order of the classes, in percent."""

    time: float
    percent: tuple[int, ...]


@dataclass(slots=True)
class TimeLine:
    """The segments and samples of one face, oldest first."""

    face_id: str
    segments: list[Segment] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)

    @property
    def end(self) -> float:
        """Return when the face was last seen."""
        return self.segments[-1].end

    def forget(self, oldest: float) -> None:
        """Remove entries that are older than `oldest`, in seconds."""
        gone = sum(segment.end < oldest for segment in self.segments)
        del self.segments[: max(gone, len(self.segments) - MOST_SEGMENTS)]
        del self.samples[: sum(sample.time < oldest for sample in self.samples)]


class TimeLines:
    """Time lines by face.

    Attributes:
        now: Their end, set by until().
        class_names: Names of the classes of the samples.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.class_names: tuple[str, ...] = ()
        self.faces: dict[str, TimeLine] = {}
        self._cleared = 0.0

    def add(self, emotions: EmotionSet, now: float) -> None:
        """Add the labels of a frame."""
        if emotions.class_names != self.class_names:
            # Another model has other classes.
            for line in self.faces.values():
                line.samples.clear()
            self.class_names = emotions.class_names
        for face in emotions.faces:
            line = self.faces.setdefault(face.face_id, TimeLine(face.face_id))
            if not line.samples or now - line.samples[-1].time >= SAMPLE_PERIOD:
                percent = tuple(round(100 * value) for value in face.probabilities.tolist())
                line.samples.append(Sample(now, percent))
            last = line.segments[-1] if line.segments else None
            if last is not None and now - last.end <= GAP:
                line.segments[-1] = replace(last, end=now)
                if last.label == face.label_now:
                    continue
            line.segments.append(
                Segment(now, now, face.label_now, web_colour(face.label_now, emotions.class_names))
            )
        if now - self._cleared >= SAMPLE_PERIOD or len(self.faces) > MOST_FACES:
            self._forget(now)

    def until(self, now: float) -> TimeLines:
        """Return a copy that ends now, without entries that are older than the span."""
        self._forget(now)
        copy = TimeLines()
        copy.now, copy.class_names = now, self.class_names
        copy.faces = {
            name: TimeLine(name, list(line.segments), list(line.samples))
            for name, line in self.faces.items()
        }
        return copy

    def seen(self) -> dict[str, float]:
        """Return the seconds for which each label was seen, the longest first."""
        seconds: defaultdict[str, float] = defaultdict(float)
        for line in self.faces.values():
            for segment in line.segments:
                seconds[segment.label] += segment.end - max(segment.start, self.now - SPAN)
        return dict(sorted(seconds.items(), key=lambda item: -item[1]))

    def _forget(self, now: float) -> None:
        self._cleared = now
        for line in self.faces.values():
            line.forget(now - SPAN)
        kept = sorted(
            (line for line in self.faces.values() if line.segments), key=lambda line: -line.end
        )
        names = {line.face_id for line in kept[:MOST_FACES]}
        self.faces = {name: line for name, line in self.faces.items() if name in names}

"""Which label each face had when, over the last minute."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from fer_ros.core.types import EmotionSet
from fer_ros.web.colours import web_colour

#: Seconds that are kept.
SPAN = 60.0

#: Seconds without a result for a face that its line bridges.
GAP = 0.6

#: Faces that are kept, the latest ones.
MOST_FACES = 8


@dataclass(frozen=True, slots=True)
class Segment:
    """A label from start to end, seconds of the board's clock."""

    start: float
    end: float
    label: str
    colour: str


@dataclass(slots=True)
class TimeLine:
    """The segments of one face, oldest first."""

    face_id: str
    segments: list[Segment] = field(default_factory=list)

    @property
    def end(self) -> float:
        """Return when the face was last seen."""
        return self.segments[-1].end


class TimeLines:
    """Time lines by face. now: where they end, set by until()."""

    def __init__(self) -> None:
        self.now = 0.0
        self.faces: dict[str, TimeLine] = {}

    def add(self, emotions: EmotionSet, now: float) -> None:
        """Note the labels of a frame."""
        for face in emotions.faces:
            line = self.faces.setdefault(face.face_id, TimeLine(face.face_id))
            last = line.segments[-1] if line.segments else None
            if last is not None and now - last.end <= GAP:
                line.segments[-1] = replace(last, end=now)
                if last.label == face.label_now:
                    continue
            line.segments.append(
                Segment(now, now, face.label_now, web_colour(face.label_now, emotions.class_names))
            )
        self._forget(now)

    def until(self, now: float) -> TimeLines:
        """Return a copy that ends now, without what is older than the span."""
        self._forget(now)
        copy = TimeLines()
        copy.now = now
        copy.faces = {
            name: TimeLine(name, list(line.segments)) for name, line in self.faces.items()
        }
        return copy

    def _forget(self, now: float) -> None:
        for line in self.faces.values():
            while line.segments and now - line.segments[0].end > SPAN:
                line.segments.pop(0)
        kept = sorted(
            (line for line in self.faces.values() if line.segments), key=lambda line: -line.end
        )
        names = {line.face_id for line in kept[:MOST_FACES]}
        self.faces = {name: line for name, line in self.faces.items() if name in names}

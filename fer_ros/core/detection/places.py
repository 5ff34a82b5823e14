"""Where faces are known in a sequence of frames."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fer_ros.core.detection.window import MAX_IOU
from fer_ros.core.types import S_TO_NS, Box, Detection

#: Seconds for which a place is looked at closely after its face was last found there.
MEMORY = 0.5


@dataclass(frozen=True, slots=True)
class Place:
    """Where a face was found last, how surely, and when (nanoseconds)."""

    box: Box
    confidence: float
    stamp: int


class Places:
    """The places of faces found now, and of those found within MEMORY seconds."""

    def __init__(self) -> None:
        self._places: list[Place] = []

    @property
    def boxes(self) -> list[Box]:
        """Return all boxes."""
        return [place.box for place in self._places]

    def seen_at(self, stamp: int) -> list[Box]:
        """Return the boxes of faces that were found at a stamp."""
        return [place.box for place in self._places if place.stamp == stamp]

    def confidence_at(self, box: Box) -> float | None:
        """Return the confidence of the face whose place a box is; None where none is known."""
        known = [place.confidence for place in self._places if box.iou(place.box) > MAX_IOU]
        return max(known, default=None)

    def remember(self, faces: Sequence[Detection], stamp: int) -> bool:
        """Keep where faces are, and where they were; report whether a place was given up."""
        lost = [place for place in self._places if missing([place.box], faces)]
        kept = [place for place in lost if (stamp - place.stamp) / S_TO_NS <= MEMORY]
        self._places = [Place(face.box, face.confidence, stamp) for face in faces] + kept
        return len(kept) < len(lost)

    def clear(self) -> None:
        """Forget all places."""
        self._places.clear()


def missing(boxes: Iterable[Box], faces: Sequence[Detection]) -> list[Box]:
    """Return the boxes that no face overlaps."""
    return [box for box in boxes if all(face.box.iou(box) == 0.0 for face in faces)]

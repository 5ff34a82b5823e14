"""The faces found in the latest frames of a sequence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fer_ros.core.detection.window import MAX_IOU
from fer_ros.core.types import S_TO_NS, Box, Detection

#: Seconds for which the region of a face that is no longer found is still searched closely.
MAX_AGE = 0.5


@dataclass(frozen=True, slots=True)
class KnownFace:
    """The latest detection of a face.

    Attributes:
        box: In pixels of the frame.
        confidence: Confidence of the detection, [0, 1].
        stamp: Stamp of its frame, in nanoseconds.
    """

    box: Box
    confidence: float
    stamp: int


class KnownFaces:
    """The faces of the newest frame, and those found within the last MAX_AGE seconds."""

    def __init__(self) -> None:
        self._faces: list[KnownFace] = []

    @property
    def boxes(self) -> list[Box]:
        """Return all boxes."""
        return [face.box for face in self._faces]

    def boxes_at(self, stamp: int) -> list[Box]:
        """Return the boxes of the faces found in the frame with this stamp, nanoseconds."""
        return [face.box for face in self._faces if face.stamp == stamp]

    def confidence_at(self, box: Box) -> float | None:
        """Return the confidence of the known face at a box. None if there is none."""
        known = [face.confidence for face in self._faces if box.iou(face.box) > MAX_IOU]
        return max(known, default=None)

    def update(self, detections: Sequence[Detection], stamp: int) -> bool:
        """Update with the detections of the next frame. Return whether a face was forgotten.

        Args:
            detections: All faces of the frame.
            stamp: Stamp of the frame, in nanoseconds.
        """
        lost = [face for face in self._faces if missing([face.box], detections)]
        kept = [face for face in lost if (stamp - face.stamp) / S_TO_NS <= MAX_AGE]
        self._faces = [KnownFace(one.box, one.confidence, stamp) for one in detections] + kept
        return len(kept) < len(lost)

    def clear(self) -> None:
        """Forget all faces."""
        self._faces.clear()


def missing(boxes: Iterable[Box], detections: Sequence[Detection]) -> list[Box]:
    """Return the boxes that no detection overlaps."""
    return [box for box in boxes if all(face.box.iou(box) == 0.0 for face in detections)]

"""Pictures of any size, searched by a detector that finds faces of limited size.

A network finds faces of 20 to 640 pixels. It splits a larger face into several or misses it, and
the time and memory of one pass grow with the picture. Therefore, a picture is searched at full
resolution, at half of it, and so on, down to the size of the largest face. Large faces are found
in the coarse levels, small ones in the fine levels, which are searched tile by tile.
"""

from __future__ import annotations

import math
from itertools import product

from fer_ros.core.detection.base import DetectorConfig, FaceDetector
from fer_ros.core.detection.window import MAX_IOU, Window, contains, merged
from fer_ros.core.types import Box, Detection, Frame

#: Longest side of one pass, pixels. It limits the memory to 0.3 GB with RetinaFace.
TILE_SIDE = 1280

#: Overlap of two tiles, pixels. A face up to this height is complete in one of them.
TILE_OVERLAP = 128

#: In heights of the largest face. A finer level contributes only faces up to this height, because
#: the next coarser level shows higher ones. A detection below this height inside a face of a
#: coarser level is a part of that face.
HALF = 0.5


class PyramidDetector(FaceDetector):
    """Extends a detector for faces up to its largest_face to pictures of any size.

    That detector searches a smaller picture directly. The work is limited: a picture above
    max_pixels of the detector is shrunk, and all levels, with the overlap of their tiles, have at
    most 1.7 times the pixels of the finest level.
    """

    def __init__(self, detector: FaceDetector) -> None:
        """Use the configuration of a detector."""
        self._detector = detector
        self.config = detector.config
        self.name = detector.name
        self.graded_confidence = detector.graded_confidence
        self.has_landmarks = detector.has_landmarks
        self.largest_face = math.inf
        self.max_pixels = detector.max_pixels

    def detect(
        self, frame: Frame, scale: float = 1.0, confidence: float | None = None
    ) -> list[Detection]:
        """Return each face of a frame once, with the highest confidence first."""
        scale = min(scale, self._largest_scale(frame))
        longer_side = max(frame.width, frame.height) * scale * self.config.input_scale
        if longer_side <= self._detector.largest_face:
            return self._detector.detect(frame, scale, confidence)
        finer_levels = math.ceil(math.log2(longer_side / self._detector.largest_face))
        faces = self._detector.detect(frame, scale / 2**finer_levels, confidence)
        for level in reversed(range(finer_levels)):
            found = self._search_level(frame, scale / 2**level, confidence)
            faces = self._refined(faces, found)
        return sorted(faces, key=lambda face: -face.confidence)

    def set_config(self, config: DetectorConfig) -> None:
        """Apply another configuration from the next picture on."""
        self._detector.set_config(config)
        self.config = config

    def _largest_scale(self, frame: Frame) -> float:
        pixels = max(frame.width * frame.height, 1)
        return math.sqrt(self.max_pixels / pixels) / self.config.input_scale

    def _search_level(
        self, frame: Frame, scale: float, confidence: float | None
    ) -> list[Detection]:
        """Return the faces that are small enough for this level."""
        pixels = scale * self.config.input_scale
        windows = _tiles(frame, pixels)
        faces: list[Detection] = []
        for window in windows:
            found = self._detector.detect(window.view(frame), scale, confidence)
            faces += [
                face for face in map(window.to_frame, found) if window.holds(face.box, frame)
            ]
        largest = HALF * self._detector.largest_face if len(windows) == 1 else TILE_OVERLAP
        faces = [face for face in faces if face.box.height * pixels <= largest]
        return faces if len(windows) == 1 else merged([], faces)

    def _refined(self, coarse: list[Detection], fine: list[Detection]) -> list[Detection]:
        """Return each face of two levels once, from the finer level if possible, without parts of
        faces."""
        kept = [face for face in fine if not any(self._outdoes(other, face) for other in coarse)]
        return kept + [
            face for face in coarse if not any(_same(face.box, other.box) for other in kept)
        ]

    def _outdoes(self, coarse: Detection, fine: Detection) -> bool:
        """Return whether a face of a coarser level replaces one of a finer level."""
        if not self._sure(coarse):
            return False
        part = fine.box.height < HALF * coarse.box.height
        return (part or not self._sure(fine)) and contains(coarse.box, fine.box.center)

    def _sure(self, face: Detection) -> bool:
        return face.confidence >= self.config.confidence


def _same(a: Box, b: Box) -> bool:
    return a.iou(b) > MAX_IOU or contains(a, b.center) or contains(b, a.center)


def _tiles(frame: Frame, scale: float) -> list[Window]:
    """Return windows that cover a frame and are at most TILE_SIDE long at that scale."""
    columns = _spans(frame.width, scale)
    rows = _spans(frame.height, scale)
    return [
        Window(left, top, right - left, bottom - top)
        for (top, bottom), (left, right) in product(rows, columns)
    ]


def _spans(length: int, scale: float) -> list[tuple[int, int]]:
    """Return the first and the end pixel of equal parts of a side that overlap by TILE_OVERLAP."""
    count = max(math.ceil((length * scale - TILE_OVERLAP) / (TILE_SIDE - TILE_OVERLAP)), 1)
    part = min(math.ceil((length + (count - 1) * TILE_OVERLAP / scale) / count), length)
    starts = [index * (length - part) // max(count - 1, 1) for index in range(count)]
    return [(start, start + part) for start in starts]

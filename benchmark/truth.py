"""Pictures and clips with known face positions.

The photographs have labels. A clip shows one person in every frame. YuNet at full resolution with
a low threshold, which is not compared, gives the position.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.assignment import least_cost_pairs
from fer_ros.core.detection.base import FaceDetector
from fer_ros.core.detection.window import contains
from fer_ros.core.types import Box, Frame

#: Number of times that a still picture is shown, as from a camera. The last time counts.
SHOWN = 3

#: Smallest intersection over union of a labelled and a found face. Detectors define boxes
#: differently. Each box must also contain the centre of the other.
LEAST_OVERLAP = 0.3
LEAST_CONFIDENCE = 0.5


@dataclass(frozen=True, slots=True)
class Truth:
    """The labelled faces of a frame.

    Attributes:
        counted: False if the frame is only shown.
    """

    boxes: list[Box]
    counted: bool = True

    @property
    def count(self) -> int:
        """Return the number of labelled faces."""
        return len(self.boxes) if self.counted else 0

    def compare(self, found: list[Box]) -> tuple[int, int]:
        """Return the number of found labelled faces, each with one box, and of other boxes."""
        if not self.counted:
            return 0, 0
        scores = np.zeros((len(self.boxes), len(found)))
        for row, label in enumerate(self.boxes):
            for column, box in enumerate(found):
                if contains(label, box.center) and contains(box, label.center):
                    scores[row, column] = label.iou(box)
        pairs = least_cost_pairs((-scores).tolist())
        hits = sum(bool(scores[pair] >= LEAST_OVERLAP) for pair in pairs)
        return hits, len(found) - hits


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence of frames with their labels.

    Attributes:
        step: Number of camera frames between them.
    """

    name: str
    step: int
    frames: Callable[[], Iterator[tuple[NDArray[np.uint8], Truth]]]


def labelled_sequences(media: Path, step: int, reference: FaceDetector) -> Iterator[Sequence]:
    """Yield the photographs one by one, and every `step`-th frame of each clip."""
    labels = media / 'voc' / 'boxes.json'
    if labels.is_file():
        for filename, boxes in json.loads(labels.read_text()).items():
            image: Any = cv2.imread(str(media / 'voc' / filename))
            truth = [Box(*box) for box in boxes]
            yield Sequence(f'voc/{filename}', 1, partial(_shown, image, truth))
    for path in sorted(media.glob('*.mp4')):
        yield Sequence(path.name, step, partial(_clip, path, step, reference))


def _shown(
    image: NDArray[np.uint8], boxes: list[Box]
) -> Iterator[tuple[NDArray[np.uint8], Truth]]:
    for time in range(SHOWN):
        yield image, Truth(boxes, counted=time == SHOWN - 1)


def _clip(
    path: Path, step: int, reference: FaceDetector
) -> Iterator[tuple[NDArray[np.uint8], Truth]]:
    capture = cv2.VideoCapture(str(path))
    index = 0
    while True:
        ok, read = capture.read()
        if not ok:
            break
        if index % step == 0:
            image: Any = read
            found = reference.detect(Frame(image, 'bgr8', 0), 1.0, LEAST_CONFIDENCE)
            # One person in every frame: the most certain box.
            yield image, Truth([face.box for face in found[:1]])
        index += 1
    capture.release()

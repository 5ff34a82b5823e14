"""Pictures and clips of which is known where faces are.

The photographs have labels. A clip shows one person in every frame; where, says YuNet at full
resolution and with a low threshold, which is none of those compared.
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

#: A still is shown so often, as a camera would: the last time counts.
SHOWN = 3

#: Least intersection over union of a labelled face and what was found: boxes of detectors differ
#: by what they take for a face, and each must hold the other's centre, too.
LEAST_OVERLAP = 0.3
LEAST_CONFIDENCE = 0.5


@dataclass(frozen=True, slots=True)
class Truth:
    """The labelled faces of a frame; counted: False for one that is only shown."""

    boxes: list[Box]
    counted: bool = True

    @property
    def count(self) -> int:
        """Return how many faces are to be found."""
        return len(self.boxes) if self.counted else 0

    def compare(self, found: list[Box]) -> tuple[int, int]:
        """Return how many labelled faces were found, each by one box, and how many boxes more."""
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
    """A sequence of frames with their truth; step: how many frames of a camera lie between."""

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

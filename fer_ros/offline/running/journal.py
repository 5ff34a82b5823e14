"""The results so far of an unfinished input, so that a later run can continue.

Detection and classification take almost all of the time. Their results are kept in blocks of
frames. Face ids, labels, events and files are computed again from them and are the same as without
an interruption.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from fer_ros.core.models.files import write_atomically
from fer_ros.core.scoring import FaceScores
from fer_ros.core.types import Box, Detection
from fer_ros.offline.results.output import output_errors

#: Frames in a block. An interruption loses at most one block. The search of a sequence starts
#: again at each block, so that it finds the same with and without an interruption.
BLOCK = 50

#: Number of blocks that are kept in memory during reading.
_HELD = 4


class Journal:
    """Results by the number of the frame, from 0.

    Args:
        folder: Folder of this input with these settings; created when the first block is full.

    Attributes:
        known: Number of frames from an earlier run.

    Raises:
        OutputError: It cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._blocks = 0
        while self._path(self._blocks).is_file():
            self._blocks += 1
        self.known = self._blocks * BLOCK
        self._held: dict[int, list[Any]] = {}
        self._new: dict[int, list[Any]] = {}

    def detections(self, number: int) -> list[Detection]:
        """Return the faces of a known frame."""
        return [_detection(row) for row in self._row(number)[0]]

    def scores(self, number: int) -> FaceScores | None:
        """Return the scores of a known frame, or None if it was skipped."""
        rows = self._row(number)[1]
        if rows is None:
            return None
        probabilities, *attributes = (np.array(row, np.float32) for row in rows)
        return FaceScores(probabilities, tuple(attributes))

    def note_detections(self, number: int, detections: list[Detection]) -> None:
        """Add the faces of the next frame."""
        if number >= self.known:
            self._new[number] = [list(map(_row_of, detections)), None]

    def note_scores(self, number: int, scores: FaceScores) -> None:
        """Add the scores of a frame. All frames before it are finished."""
        if number < self.known:
            return
        self._new[number][1] = [
            rows.tolist() for rows in (scores.probabilities, *scores.attributes)
        ]
        end = (self._blocks + 1) * BLOCK
        if number + 1 >= end:
            self._write([self._new.pop(key) for key in range(end - BLOCK, end)])

    def remove(self) -> None:
        """Remove everything, because the input is finished."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _write(self, rows: list[Any]) -> None:
        with output_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            write_atomically(self._path(self._blocks), json.dumps(rows).encode())
        self._blocks += 1

    def _row(self, number: int) -> Any:
        block, place = divmod(number, BLOCK)
        rows = self._held.get(block)
        if rows is None:
            rows = json.loads(self._path(block).read_bytes())
            # Faces are read earlier than scores, so a few blocks are in use.
            self._held.pop(block - _HELD, None)
            self._held[block] = rows
        return rows[place]

    def _path(self, block: int) -> Path:
        return self._folder / f'{block}.json'


def _row_of(detection: Detection) -> list[Any]:
    box, landmarks = detection.box, detection.landmarks
    return [
        *map(float, (box.x, box.y, box.width, box.height, detection.confidence)),
        None if landmarks is None else landmarks.tolist(),
    ]


def _detection(row: list[Any]) -> Detection:
    *box, confidence, landmarks = row
    return Detection(
        Box(*box), confidence, None if landmarks is None else np.array(landmarks, np.float32)
    )

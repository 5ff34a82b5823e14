"""Robots, a picture and a clip with a face for the tests of faults."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from support.clips import face_at, write_clip
from support.robot_fixtures import bring_up, bring_up_once

__all__ = ['bring_up', 'bring_up_once']

FPS = 20.0


@pytest.fixture(scope='session')
def face_clip(photographs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return two seconds of one face; camera_node repeats them at 20 Hz."""
    frames = [still.image for still in face_at(photographs, [(320, 240)] * 40)]
    return write_clip(tmp_path_factory.mktemp('clip') / 'face.avi', frames, FPS)


@pytest.fixture(scope='session')
def picture(photographs: Path) -> NDArray[np.uint8]:
    """Return a picture with one face, 320x240 bgr8."""
    (still,) = face_at(photographs, [(320, 240)])
    return np.asarray(cv2.resize(still.image, (320, 240), interpolation=cv2.INTER_AREA), np.uint8)

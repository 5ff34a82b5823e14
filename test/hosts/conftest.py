"""Requirements, a clip and cleaned shared memory for tests of several hosts."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.clips import face_at, write_clip
from support.hosts import missing

FPS = 10.0


@pytest.fixture(scope='session', autouse=True)
def namespaces() -> None:
    """Skip if this machine cannot create hosts."""
    if reason := missing():
        pytest.skip(reason)


@pytest.fixture(scope='session')
def clip(photographs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return two seconds of one face; camera_node repeats them at 10 Hz."""
    frames = [still.image for still in face_at(photographs, [(320, 240)] * 20)]
    return write_clip(tmp_path_factory.mktemp('clip') / 'face.avi', frames, FPS)

"""What tests of faults share: robots, and a clip with a face."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.clips import face_at, write_clip
from support.robot_fixtures import bring_up, bring_up_once
from support.soak_process import start_soak

__all__ = ['bring_up', 'bring_up_once']

FPS = 20.0


@pytest.fixture(scope='session')
def face_clip(photographs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return two seconds of one face; camera_node plays them over and over at 20 Hz."""
    frames = [still.image for still in face_at(photographs, [(320, 240)] * 40)]
    return write_clip(tmp_path_factory.mktemp('clip') / 'face.avi', frames, FPS)


@pytest.fixture(scope='session', autouse=True)
def one_minute_soak(
    request: pytest.FixtureRequest, middleware: None, tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[subprocess.Popen[bytes], Path] | None]:
    """Soak a pipeline for a minute beside all the other tests, where test_soak.py is run, too."""
    if not any(item.path.name == 'test_soak.py' and 'minute' in item.name
               for item in request.session.items):
        yield None
        return
    file = tmp_path_factory.mktemp('soak') / 'soak.json'
    process = start_soak(1, file)
    yield process, file
    if process.poll() is None:
        process.terminate()
        process.wait()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Ask for the soak's figures last."""
    items.sort(key=lambda item: item.path.name == 'test_soak.py')

"""A real browser, and the pipeline on the demo photographs behind a web server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

pytest.importorskip('nicegui', reason='no nicegui: pip install -r requirements/web.txt')

from support.browser import chromium
from support.web_process import WebProcess

__all__ = ['chromium']


@pytest.fixture(scope='module')
def web() -> Iterator[Callable[..., WebProcess]]:
    """Return a function that starts a web server; it ends with the module."""
    with ExitStack() as stack:

        def start(*arguments: str) -> WebProcess:
            process = WebProcess(*arguments)
            stack.callback(process.stop)
            return process

        yield start


@pytest.fixture(scope='module')
def scene(photographs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a clip in which somebody comes and goes, again and again."""
    from support.clips import face_at, nobody, walk, write_clip

    places = walk((230, 230), (410, 250), 40)
    face = [still.image for still in face_at(photographs, places, face_height=150)]
    return write_clip(tmp_path_factory.mktemp('scene') / 'scene.avi', [*face, *nobody(25)], 10.0)

"""A real browser, and the pipeline on the demo photographs behind a web server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip('nicegui', reason='no nicegui: pip install -r requirements/web.txt')

from support.browser import chromium
from support.site import Site, start_site
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


@pytest.fixture(scope='session')
def live_site() -> Iterator[Site]:
    """The pages without a pipeline. NiceGUI allows them only once in a process."""
    with ExitStack() as stack:
        yield start_site(stack, with_pages=True)


@pytest.fixture(scope='session')
def face(portrait: Path) -> NDArray[np.uint8]:
    """Return a picture of one smiling person, 125x150 bgr8.

    It is small, because pages show nothing older than 2 seconds, also on a busy machine.
    """
    image = cv2.imread(str(portrait), cv2.IMREAD_COLOR)
    assert image is not None
    small = cv2.resize(image[:300, 100:350], (125, 150), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


@pytest.fixture(scope='session')
def two_faces(face: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture of the person and her mirror image, side by side."""
    return np.hstack([face, face[:, ::-1]])


@pytest.fixture(scope='module')
def scene(photographs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a clip in which a person appears and leaves repeatedly."""
    from support.clips import face_at, nobody, walk, write_clip

    places = walk((230, 230), (410, 250), 40)
    face = [still.image for still in face_at(photographs, places, face_height=150)]
    return write_clip(tmp_path_factory.mktemp('scene') / 'scene.avi', [*face, *nobody(25)], 10.0)


@pytest.fixture(params=[(1280, 900), (390, 844)], ids=['desk', 'phone'])
def device(request, chromium, tmp_path):
    """A browser in the size of a desktop and of a phone. It saves files to tmp_path."""
    width, height = request.param
    chromium.resize(width, height, mobile=width < 400)
    chromium.driver.execute_cdp_cmd(
        'Browser.setDownloadBehavior', {'behavior': 'allow', 'downloadPath': str(tmp_path)}
    )
    return chromium

"""A web server on a free port of this machine, and pictures to send."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial

import cv2
import numpy as np
import pytest

pytest.importorskip('nicegui', reason='no nicegui: pip install -r requirements/web.txt')

from support.site import Site, start_site


@pytest.fixture(scope='module')
def serve() -> Iterator[Callable[..., Site]]:
    """Return a function that starts a server without pages; it ends with the module."""
    with ExitStack() as stack:
        yield partial(start_site, stack)


@pytest.fixture(scope='session')
def jpeg() -> bytes:
    """Return a small picture as a JPEG."""
    return encoded('.jpg')


@pytest.fixture(scope='session')
def png() -> bytes:
    """Return the same as a PNG."""
    return encoded('.png')


def encoded(suffix: str) -> bytes:
    image = np.full((120, 160, 3), (90, 120, 150), np.uint8)
    cv2.circle(image, (80, 60), 40, (200, 180, 160), -1)
    return cv2.imencode(suffix, image)[1].tobytes()

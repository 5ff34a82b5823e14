"""Kinds of sources, distinguished by their text. It imports only small modules."""

from __future__ import annotations

import os
from pathlib import Path

from fer_ros.core.paths import user_path

#: For error messages and help texts.
SOURCE_KINDS = (
    "'auto', a camera (0 or /dev/video0, 'picamera' for a Raspberry Pi's camera module), a video "
    'file, a picture, a folder of pictures, '
    "an rtsp:// or http:// URL, 'synthetic' or 'demo'"
)

#: Sources that are words.
WORDS = ('auto', 'synthetic', 'demo')


def is_camera(spec: str) -> bool:
    """Return whether a source is a camera, by its number or device."""
    return spec.isdecimal() or spec.startswith('/dev/')


def camera_module(spec: str) -> int | None:
    """Return the number of the camera module that a source names: picamera is 0, picamera:1 is 1.

    None for a source of another kind.
    """
    word, _, number = spec.partition(':')
    if word != 'picamera' or not (number or '0').isdecimal() or spec.endswith(':'):
        return None
    return int(number or 0)


def missing_file(spec: str) -> str:
    """Return that the file or folder of a source does not exist. '' if it exists or has none."""
    path = file_of(spec)
    if path is None or os.path.exists(path):
        return ''
    return f'source {path} does not exist: check the path; a source is {SOURCE_KINDS}'


def file_of(spec: str) -> Path | None:
    """Return the file or folder that a source names, None for one of another kind."""
    spec = spec.strip()
    if not spec or spec in WORDS or is_camera(spec) or '://' in spec:
        return None
    if camera_module(spec) is not None:
        return None
    return user_path(spec)

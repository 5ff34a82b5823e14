"""What a source can be, told apart by how it is written. Imports nothing heavy."""

from __future__ import annotations

from pathlib import Path

#: For error messages and help texts.
SOURCE_KINDS = (
    "'auto', a camera (0 or /dev/video0), a video file, a picture, a folder of pictures, "
    "an rtsp:// or http:// URL, 'synthetic' or 'demo'"
)

#: Sources that are a word.
WORDS = ('auto', 'synthetic', 'demo')


def is_camera(spec: str) -> bool:
    """Return whether a source is a camera, by its number or device."""
    return spec.isdecimal() or spec.startswith('/dev/')


def file_of(spec: str) -> Path | None:
    """Return the file or folder that a source names, None for one of another kind."""
    spec = spec.strip()
    if not spec or spec in WORDS or is_camera(spec) or '://' in spec:
        return None
    return Path(spec).expanduser()

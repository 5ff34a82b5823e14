"""Videos from clients: their formats, and how they are opened."""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path

from starlette.exceptions import HTTPException

from fer_ros.core.errors import EncodingError, SourceError
from fer_ros.core.imaging.decoding import examine
from fer_ros.core.imaging.formats import HEAD, format_of
from fer_ros.core.private_files import PRIVATE_PATH
from fer_ros.core.sources.animation import AnimationSource
from fer_ros.core.sources.base import FrameSource, SourceConfig
from fer_ros.core.sources.capture import open_file
from fer_ros.core.sources.video import VideoSource
from fer_ros.web.files.uploads import MAX_PIXELS

#: Longest side in pixels. Larger frames are reduced.
LONGEST_SIDE = 1280

#: First bytes of the supported containers. Playlists are excluded, because they name other files.
_CONTAINERS = re.compile(
    rb'.{4}(?:ftyp|moov|mdat|wide|free|skip)'  # MP4, QuickTime, 3GP
    rb'|\x1aE\xdf\xa3'  # Matroska, WebM
    rb'|RIFF.{4}AVI '
    rb'|\0\0\x01\xba'  # MPEG programme stream
    rb'|G.{187}G|.{4}G.{191}G'  # MPEG transport stream, and that of camcorders
    rb'|FLV\x01'
    rb'|OggS'
    rb'|\x30\x26\xb2\x75\x8e\x66\xcf\x11'  # ASF, WMV
    rb'|\x06\x0e\x2b\x34',  # MXF
    re.DOTALL,
)

VIDEO_NAMES = 'MP4, QuickTime, WebM, Matroska, AVI, MPEG, Ogg, FLV, WMV, or an animated picture'

#: Name of the input in tables and texts, because files of clients have none.
NAME = 'video'


def is_video(data: bytes) -> bool:
    """Return whether the first bytes are those of a supported video or an animation."""
    kind = format_of(data[:HEAD])
    if kind is not None:
        return kind.animated and kind.layout is not None
    return _CONTAINERS.match(data) is not None


def open_video(data: bytes, path: Path, stack: ExitStack) -> FrameSource:
    """Return the source of a video, which is open until the stack ends.

    Raises:
        HTTPException: 413 if it has too many pixels, 422 if it cannot be decoded.
    """
    config = SourceConfig(width=LONGEST_SIDE, height=LONGEST_SIDE, realtime=False, clock=lambda: 0)
    source: FrameSource
    try:
        if format_of(data[:HEAD]) is None:
            _refuse_large(path)
            source = VideoSource(path, config)
        else:
            _, layout = examine(memoryview(data), NAME)
            if layout.width * layout.height > MAX_PIXELS:
                raise _too_large(layout.width, layout.height)
            source = AnimationSource(path, config)
        return stack.enter_context(source)
    except (SourceError, EncodingError) as error:
        raise HTTPException(422, nameless(str(error))) from error


def _refuse_large(path: Path) -> None:
    """Raise HTTPException if the frames of a video are larger than the limit for pictures."""
    capture = open_file(path)
    width, height = capture.size
    capture.release()
    if width * height > MAX_PIXELS:
        raise _too_large(width, height)


def _too_large(width: int, height: int) -> HTTPException:
    return HTTPException(
        413, f'{width}x{height} pixels are too many: send a video of at most {MAX_PIXELS} pixels'
    )


def nameless(text: str) -> str:
    """Return a text without the path of the file in memory, which means nothing to people."""
    return re.sub(PRIVATE_PATH, 'the video', text)

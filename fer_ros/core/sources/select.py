"""Creates a source from its text."""

from __future__ import annotations

import os
from pathlib import Path

from fer_ros.core.errors import SourceError
from fer_ros.core.source_spec import SOURCE_KINDS, camera_module, file_of, is_camera
from fer_ros.core.sources.animation import AnimationSource
from fer_ros.core.sources.auto import AutoSource
from fer_ros.core.sources.base import FrameSource, SourceConfig
from fer_ros.core.sources.camera import CameraSource
from fer_ros.core.sources.demo import DemoSource
from fer_ros.core.sources.file_kinds import FileKind, kind_of
from fer_ros.core.sources.picamera import PicameraSource
from fer_ros.core.sources.pictures import FolderSource, PictureSource
from fer_ros.core.sources.stream import STREAM_SCHEMES, StreamSource
from fer_ros.core.sources.synthetic import SyntheticSource
from fer_ros.core.sources.video import VideoSource


def create_source(spec: str, config: SourceConfig) -> FrameSource:
    """Return the source for a text, not yet opened.

    Args:
        spec: 'auto'; a camera ('0', '/dev/video0'); a camera module of a Raspberry Pi ('picamera',
            or 'picamera:1' for the second); a video file; a picture; a folder of pictures; an RTSP
            or HTTP URL; 'synthetic'; 'demo'. ~ in paths is the home directory.
        config: How frames are delivered.

    Raises:
        SourceError: The text is empty, or a URL of a kind that cannot be read.
    """
    spec = spec.strip()
    if not spec:
        raise SourceError(f'no source is given: a source is {SOURCE_KINDS}')
    if spec == 'auto':
        return AutoSource(config)
    if spec == 'synthetic':
        return SyntheticSource(config)
    if spec == 'demo':
        return DemoSource(config)
    if is_camera(spec):
        return CameraSource(spec, config)
    if (module := camera_module(spec)) is not None:
        return PicameraSource(module, config)
    path = file_of(spec)
    if path is None:
        return _create_stream(spec, config)
    if os.path.isdir(path):
        return FolderSource(path, config)
    return create_file_source(path, config)


def create_file_source(path: Path, config: SourceConfig) -> FrameSource:
    """Return the source of a picture, an animation or otherwise a video."""
    kind = kind_of(path)
    if kind is FileKind.ANIMATION:
        return AnimationSource(path, config)
    if kind in (FileKind.PICTURE, FileKind.UNREADABLE):
        return PictureSource(path, config)
    return VideoSource(path, config)


def _create_stream(url: str, config: SourceConfig) -> StreamSource:
    scheme = url.partition('://')[0].lower()
    if scheme not in STREAM_SCHEMES:
        raise SourceError(
            f'{scheme}:// cannot be read: a stream is one of '
            f'{", ".join(sorted(STREAM_SCHEMES))}; for a file, use its path'
        )
    return StreamSource(url, config)

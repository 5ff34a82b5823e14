"""Sources of frames: cameras, streams, videos, pictures and two sources without hardware."""

from fer_ros.core.sources.base import FrameSource, SourceConfig
from fer_ros.core.sources.select import create_source

__all__ = ['FrameSource', 'SourceConfig', 'create_source']

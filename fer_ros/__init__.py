"""Facial expression events for robots: a core without ROS, and thin ROS 2 nodes around it.

`analyze` and `track` are the functions for Python programs. They are imported at their first use,
so `import fer_ros` is fast.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fer_ros.analysis import analyze, track

__all__ = ['__version__', 'analyze', 'track']

# Set before the import of OpenCV, which reads it once. A picture of a kilobyte can need gigabytes.
# It equals MAX_PIXELS of core/imaging/decoding.py, which reads headers before OpenCV.
os.environ.setdefault('OPENCV_IO_MAX_IMAGE_PIXELS', '100000000')

# Set before the import of onnxruntime. From 1.29 on, it writes a number of this machine into a
# file and reports to its maker. Its disable_telemetry_events() is too late to prevent that.
os.environ['ORT_DISABLE_TELEMETRY'] = '1'

__version__ = '0.1.0'


def __getattr__(name: str) -> Any:
    if name not in ('analyze', 'track'):
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    from fer_ros import analysis

    return getattr(analysis, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""The machine of the measurement."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from datetime import date
from pathlib import Path

#: Packages whose versions affect the figures.
LIBRARIES = (
    'numpy',
    'opencv-python-headless',
    'opencv-python',
    'onnxruntime',
    'ai-edge-litert',
    'rclpy',
)


def describe() -> dict[str, str]:
    """Return the machine, its software and its load as text."""
    return {
        'date': date.today().isoformat(),
        'processor': f'{_processor()}, {os.cpu_count()} cores, {platform.machine()}',
        'memory': f'{_memory_gb():.0f} GB',
        'system': f'{platform.system()} {platform.release().split("-")[0]}, Python '
        f'{platform.python_version()}',
        'libraries': ', '.join(
            f'{name} {version}' for name in LIBRARIES if (version := _version(name))
        ),
        'load average before': f'{os.getloadavg()[0]:.1f}',
        'priority': _priority(),
    }


def _processor() -> str:
    try:
        lines = Path('/proc/cpuinfo').read_text().splitlines()
    except OSError:
        return platform.processor() or 'unknown processor'
    names = [line.partition(':')[2].strip() for line in lines if line.startswith('model name')]
    return names[0] if names else 'unknown processor'


def _memory_gb() -> float:
    return os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ''


def _priority() -> str:
    if hasattr(os, 'sched_getscheduler') and os.sched_getscheduler(0) == os.SCHED_FIFO:
        return 'real time (SCHED_FIFO): other programs do not interrupt'
    return f'nice {os.nice(0)}'

"""Face detectors for tests by name, with the file of YuNet if it is available."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from support.selection import EXTRAS

from fer_ros.core.detection.base import DetectorConfig, FaceDetector
from fer_ros.core.detection.select import create_detector
from fer_ros.core.errors import DetectorError


class _ExtraModels:
    """A store that knows the folder of detector files and trusts it."""

    def find_file(self, filename: str, sha256: str) -> Path | None:
        path = EXTRAS / 'models' / filename
        return path if path.is_file() else None


def make_detector(name: str, **config: object) -> FaceDetector:
    """Return a detector with a configuration, or skip where it is not installed."""
    try:
        return create_detector(DetectorConfig(detector=name, **config), _ExtraModels())
    except DetectorError as error:
        pytest.skip(f'{name} is not available: {error}')


def detectors(names: Iterable[str]) -> list[object]:
    """Return names as parameters; that of YuNet is an extra: its file is not in the repository."""
    return [
        pytest.param(name, marks=pytest.mark.extra('models')) if name == 'yunet' else name
        for name in names
    ]

"""Reads and writes videos as on a machine where PyAV is not installed."""

from __future__ import annotations

import pytest

from fer_ros.core.sources import capture
from fer_ros.offline import video


def without_pyav(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this test find OpenCV alone."""
    for module in (capture, video):
        monkeypatch.setattr(module, 'has_pyav', lambda: False)

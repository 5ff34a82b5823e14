"""Paths that people name."""

from __future__ import annotations

import os
from pathlib import Path


def user_path(path: str | Path) -> Path:
    """Return a path with `~` replaced by the home folder, unchanged if there is no such folder."""
    # Path.expanduser() raises RuntimeError for an unknown user, and without a home folder.
    return Path(os.path.expanduser(path))

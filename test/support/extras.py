"""Tests with material that the repository does not bring: extras, for those who have it.

The folder that FER_ROS_SHARED names, ../shared by default, may hold media/, data/ and models/. A
test marked `extra('media')` is left out where that folder is not there.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

EXTRAS = Path(os.environ.get('FER_ROS_SHARED', Path(__file__).resolve().parents[3] / 'shared'))


def leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the extras whose material is not there."""
    left_out = [
        item for item in items
        if any(not (EXTRAS / mark.args[0]).is_dir() for mark in item.iter_markers('extra'))]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]

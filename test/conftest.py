"""Fixtures for the whole suite: where pictures, data and models for tests lie."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.robot_fixtures import middleware

# Before any test imports OpenCV, which reads the limit of pictures' sizes as it is loaded.
import fer_ros  # noqa: F401

try:
    from hypothesis import settings
except ImportError:
    # The tests that use it are skipped by name.
    pass
else:
    # Machines that test are busy: what holds may take its time.
    settings.register_profile('fer_ros', deadline=None)
    settings.load_profile('fer_ros')

__all__ = ['middleware']

SHARED = Path(os.environ.get('FER_ROS_SHARED', Path(__file__).resolve().parents[2] / 'shared'))


def _shared(folder: str) -> Path:
    path = SHARED / folder
    if not path.is_dir():
        pytest.skip(f'no folder {folder}/ with test material; set FER_ROS_SHARED to where it is')
    return path


@pytest.fixture(scope='session')
def shared_media() -> Path:
    """Return the folder of pictures and clips, or skip."""
    return _shared('media')


@pytest.fixture(scope='session')
def shared_data() -> Path:
    """Return the folder of data sets, or skip."""
    return _shared('data')


@pytest.fixture(scope='session')
def shared_models() -> Path:
    """Return the folder of detector files that are not ours to commit, or skip."""
    return _shared('models')

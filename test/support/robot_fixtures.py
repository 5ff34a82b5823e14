"""Fixtures of tests over DDS: a separate environment, and robots that end with their test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from fer_ros.ros.bringup.middleware import middleware_environment
from fer_ros.ros.bringup.shared_memory import shared_memory_swept


@pytest.fixture(scope='session', autouse=True)
def middleware(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep DDS on this machine, with space for images; leave no logs or shared memory.

    test/conftest.py uses it for all tests, because the first DDS participant of a process decides.
    """
    with shared_memory_swept(), pytest.MonkeyPatch.context() as patch:
        patch.setenv('ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST')
        patch.setenv('ROS_LOG_DIR', str(tmp_path_factory.mktemp('ros_log')))
        patch.setenv('OMP_NUM_THREADS', '1')
        bare = {'AMENT_PREFIX_PATH': os.environ.get('AMENT_PREFIX_PATH', '')}
        for name, value in middleware_environment(bare).items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope='module')
def bring_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Any]]:
    """Return a function that starts a robot, as support.robot.start; it ends with the module."""
    from support.robot import start

    with ExitStack() as stack:
        yield lambda *arguments, **options: stack.enter_context(
            start(tmp_path_factory.mktemp('robot'), *arguments, **options)
        )


@pytest.fixture
def bring_up_once(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Return a function that starts a robot; it ends with the test."""
    from support.robot import start

    with ExitStack() as stack:
        yield lambda *arguments, **options: stack.enter_context(
            start(tmp_path, *arguments, **options)
        )

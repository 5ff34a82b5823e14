"""Options and fixtures of the whole suite: selection of tests, environment, photographs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support import parallel, selection
from support.robot_fixtures import middleware

# Before any test imports OpenCV, which reads its limit of picture sizes when it is imported.
import fer_ros  # noqa: F401

try:
    from hypothesis import settings
except ImportError:
    # The tests that use it are skipped by name.
    pass
else:
    # Test machines are busy, so an example has no time limit.
    settings.register_profile('fer_ros', deadline=None)
    settings.load_profile('fer_ros')

__all__ = ['middleware']


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --long and --since."""
    selection.add_options(parser)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Remove tests that were not requested. With several workers, sort the longest first."""
    selection.select(config, items)
    if hasattr(config, 'workerinput'):
        parallel.longest_first(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each worker whole files."""
    return parallel.scheduler(config, log)


@pytest.fixture(scope='session')
def photographs() -> Path:
    """Return the folder of scikit-image's photographs, with astronaut.png in it, or skip."""
    from support.people import photographs

    try:
        return photographs()
    except ImportError as error:
        pytest.skip(str(error))


@pytest.fixture(scope='session')
def portrait(photographs: Path) -> Path:
    """Return a photograph of one person."""
    return photographs / 'astronaut.png'


@pytest.fixture(scope='session')
def portraits(photographs: Path) -> tuple[str, ...]:
    """Return the names of the people that support.people can compose, or skip."""
    from support.people import installed

    try:
        return installed()
    except ImportError as error:
        pytest.skip(str(error))

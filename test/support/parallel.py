"""Which tests share a worker of pytest-xdist: those of a file, and some groups of files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from xdist.scheduler import LoadFileScheduling

#: Tests of one group run one after another on one worker, by the beginning of their path. Those in
#: 'training' share the models that they train. Those in 'measured' would disturb each other.
TOGETHER = {
    'test/training/commands/': 'training',
    'test/training/explaining/': 'training',
    'test/training/exporting/': 'training',
    'test/training/initialisation/': 'training',
    'test/training/learning/': 'training',
    'test/faults/test_overload.py': 'measured',
    'test/faults/test_soak.py': 'measured',
    'test/faults/test_two_publishers.py': 'measured',
    'test/benchmark/': 'measured',
}

#: The tests that take longest, by the beginning of their path. They start first, so that no worker
#: still runs one when all others are done.
FIRST = (
    'test/training/',
    'test/faults/test_overload.py',
    'test/faults/test_soak.py',
    'test/hosts/',
    'test/faults/',
    'test/docs/test_site.py',
    'test/browser/',
    'test/ros/',
    'test/build/',
    'test/cli/',
    'test/offline/',
    'test/docs/',
    'test/web/',
)


def scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling:
    """Return a scheduler that gives each worker whole files."""
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return next((name for begin, name in TOGETHER.items() if file.startswith(begin)), file)

    # By the number of tests, the longest files would come last.
    config.option.loadscopereorder = False
    return ByFile(config, log)


def longest_first(items: list[pytest.Item]) -> None:
    """Sort tests so that the files that take longest come first."""

    def rank(item: pytest.Item) -> int:
        return next(
            (number for number, begin in enumerate(FIRST) if item.nodeid.startswith(begin)),
            len(FIRST),
        )

    items.sort(key=rank)

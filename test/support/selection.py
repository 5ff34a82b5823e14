"""Selection of tests: extras if their material exists, long tests on request.

An extra needs material that is not in the repository: `extra('media')` names a folder below the
one in FER_ROS_SHARED, by default ../shared. Without the folder, the test is left out.

A long test takes minutes: `long('fer_msgs', 'setup.cfg')` names the files and folders that it
checks. `--long changed` selects the tests of files that changed after `--since`.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXTRAS = Path(os.environ.get('FER_ROS_SHARED', ROOT.parent / 'shared'))


def add_options(parser: pytest.Parser) -> None:
    """Add the options that select long tests."""
    group = parser.getgroup('fer_ros')
    group.addoption(
        '--long',
        choices=('none', 'changed', 'only', 'all'),
        default='none',
        help='tests that take minutes: none (default), those a change touches, no others, all',
    )
    group.addoption(
        '--since',
        metavar='COMMIT',
        default='HEAD~1',
        help='what --long changed compares with (default: the commit before)',
    )


def select(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect extras without their material, and long tests that were not requested."""
    asked = config.getoption('--long')
    changed = changed_files(config.getoption('--since')) if asked == 'changed' else []

    def is_left_out(item: pytest.Item) -> bool:
        if any(not (EXTRAS / mark.args[0]).is_dir() for mark in item.iter_markers('extra')):
            return True
        long = [str(path) for mark in item.iter_markers('long') for path in mark.args]
        is_long = item.get_closest_marker('long') is not None
        return {
            'none': is_long,
            'changed': is_long and not touches(changed, long),
            'only': not is_long,
            'all': False,
        }[asked]

    left_out = [item for item in items if is_left_out(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def changed_files(since: str) -> list[str]:
    """Return the files of the repository that differ from a commit, new ones too."""
    found: list[str] = []
    for command in (['diff', '--name-only', since], ['ls-files', '-o', '--exclude-standard']):
        result = subprocess.run(
            ['git', '-C', str(ROOT), *command], capture_output=True, text=True, check=False
        )
        if result.returncode:
            raise pytest.UsageError(f'--since {since}: {result.stderr.strip()}')
        found += result.stdout.splitlines()
    return found


def touches(changed: Sequence[str], paths: Sequence[str]) -> bool:
    """Return whether one of the changed files is one of the paths, or is below one."""
    return any(PurePosixPath(file).is_relative_to(path) for file in changed for path in paths)

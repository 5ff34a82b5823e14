"""Which tests run, and which tests a change selects."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.selection import touches

ROOT = Path(__file__).resolve().parents[2]
LONG = 'test/build/test_workspace.py'


@pytest.mark.parametrize(
    ('changed', 'expected'),
    [
        (['fer_msgs/msg/Face.msg'], True),
        (['setup.cfg'], True),
        (['fer_msgs_other/a'], False),
        (['docs/index.md', 'test/build/x.py'], True),
        (['docs/setup.cfg'], False),
        ([], False),
    ],
)
def test_a_change_selects_tests_of_the_file_or_its_folder(changed, expected):
    assert touches(changed, ['fer_msgs', 'setup.cfg', 'test/build']) is expected


def collected(*options: str) -> int:
    """Return how many tests of a file that contains only long tests are selected."""
    result = subprocess.run(
        [
            sys.executable,
            '-m',
            'pytest',
            '--collect-only',
            '-q',
            '-p',
            'no:cacheprovider',
            LONG,
            *options,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode in (0, 5), result.stdout
    return result.stdout.count(f'{LONG}::')


def test_long_tests_run_only_on_request():
    assert collected() == 0
    assert collected('--long', 'only') == collected('--long', 'all') > 0


def test_a_missing_commit_is_named():
    result = subprocess.run(
        [
            sys.executable,
            '-m',
            'pytest',
            '--collect-only',
            '-q',
            LONG,
            '--long',
            'changed',
            '--since',
            'nowhere',
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == pytest.ExitCode.USAGE_ERROR
    assert 'nowhere' in result.stderr

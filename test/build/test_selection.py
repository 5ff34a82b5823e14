"""Which tests run, and what a change adds to them."""

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
def test_a_change_touches_a_file_or_what_lies_below_a_folder(changed, expected):
    assert touches(changed, ['fer_msgs', 'setup.cfg', 'test/build']) is expected


def collected(*options: str) -> int:
    """Return how many tests of a file with long tests alone are chosen."""
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


def test_long_tests_are_left_out_unless_asked_for():
    assert collected() == 0
    assert collected('--long', 'only') == collected('--long', 'all') > 0


def test_a_commit_that_is_not_there_is_named():
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

"""The status line of the demo."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

PROGRAM = "from fer_ros.cli.screen import Screen; Screen().status('{text}')"


@pytest.mark.parametrize(
    ('text', 'shown'),
    [
        pytest.param('searching (5 ms)', 'searching (5 ms)', id='short'),
        pytest.param(200 * 'x', 79 * 'x', id='long'),
    ],
)
def test_a_terminal_without_a_size_shows_a_line_of_80_columns(text, shown):
    """Serial consoles, and pseudo-terminals such as those of expect, report 0 columns."""
    terminal, end = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != 'COLUMNS'}
    subprocess.run(
        [sys.executable, '-c', PROGRAM.format(text=text)], stdout=end, env=environment, check=True
    )
    os.close(end)
    assert os.read(terminal, 4096).decode() == f'\r\033[K{shown}'
    os.close(terminal)

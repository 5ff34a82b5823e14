"""Programs of tests whose output is read while they run."""

import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from support.waiting import PATIENCE


@contextmanager
def printing(command: Sequence[str], **options: Any) -> Iterator['subprocess.Popen[str]']:
    """Run a program and yield it, with stderr in stdout. Kill it if it still runs afterwards."""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def output_until(process: 'subprocess.Popen[str]', *words: str) -> str:
    """Return the output of a program until it contains all words."""
    assert process.stdout is not None
    output = ''
    while not all(word in output for word in words):
        line = process.stdout.readline()
        assert line, output
        output += line
    return output


def output_after(process: 'subprocess.Popen[str]', number: int = signal.SIGINT) -> str:
    """Send a signal to a program and return its output until its end."""
    process.send_signal(number)
    return process.communicate(timeout=PATIENCE)[0]

"""A program and all processes that descend from it, also with another parent."""

from __future__ import annotations

import os
import subprocess
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from support.waiting import PATIENCE

_MARK = 'FER_ROS_TEST_FAMILY'


class Family:
    """Runs a program; finally kills the program and all its remaining descendants.

    Args:
        options: Options of subprocess.Popen.
    """

    def __init__(self, command: Sequence[str], output: Path, **options: Any) -> None:
        self._mark = f'{_MARK}={uuid.uuid4().hex}'.encode()
        self.output = output
        self._command = command
        self._options = options

    def __enter__(self) -> Family:
        name, _, value = self._mark.decode().partition('=')
        environment = {**os.environ, **self._options.pop('env', {}), name: value}
        options = {'stdin': subprocess.DEVNULL, 'stderr': subprocess.STDOUT, **self._options}
        with self.output.open('wb') as file:
            self.process = subprocess.Popen(
                self._command, env=environment, **{'stdout': file, **options}
            )
        return self

    def __exit__(self, *exception: object) -> None:
        for pid in self.members():
            with suppress(ProcessLookupError):
                os.kill(pid, 9)
        self.process.wait()

    def members(self) -> list[int]:
        """Return the processes that run, the program itself included."""
        found = []
        for folder in Path('/proc').glob('[0-9]*'):
            with suppress(OSError):
                if self._mark in (folder / 'environ').read_bytes().split(b'\0'):
                    found.append(int(folder.name))
        return found

    def descendants(self, word: str = '') -> list[int]:
        """Return those of the processes that are not the program, with a word in their command."""
        found = []
        for pid in self.members():
            with suppress(OSError):
                command = Path(f'/proc/{pid}/cmdline').read_bytes().decode(errors='replace')
                if pid != self.process.pid and word in command:
                    found.append(pid)
        return found

    def wait_for(self, condition: Any, what: str) -> None:
        """Wait until something holds."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f'no {what}; output:\n{self.text()[-4000:]}')
            time.sleep(0.02)

    def wait_until_all_are_gone(self) -> None:
        """Wait until nothing of the family runs."""

        def gone() -> bool:
            self.process.poll()
            return not self.members()

        self.wait_for(gone, f'end of {self.members()}')

    def text(self) -> str:
        """Return what was written so far."""
        return self.output.read_text(errors='replace')

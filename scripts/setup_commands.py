"""Commands of the set-up: their environment, their log, and their line on the terminal."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / '.venv'
LOG = ROOT / 'log' / 'setup.log'

#: Variables of a sourced workspace, which a build with its own ROS must not see.
ROS_VARIABLES = (
    'AMENT_PREFIX_PATH',
    'CMAKE_PREFIX_PATH',
    'COLCON_PREFIX_PATH',
    'LD_LIBRARY_PATH',
    'PYTHONPATH',
    'ROS_DISTRO',
    '_ROS_WHEELS_BOOTSTRAP_COMPLETE',
)


class SetupError(Exception):
    """The set-up cannot continue. The message is one line for the terminal."""


class Terminal:
    """The line of a step: its title, its current output, and finally its time."""

    def __init__(self) -> None:
        self._title = ''

    def begin(self, title: str) -> None:
        """Show the title of a step."""
        self._title = title
        print(title, end='', flush=True)

    def follow(self, line: str) -> None:
        """Show the last output of a command after the title, unless the output is a file."""
        if self._title and sys.stdout.isatty() and line.strip():
            room = shutil.get_terminal_size().columns - len(self._title) - 2
            print(f'\r{self._title} {line.strip()[: max(room, 0)]}\033[K', end='', flush=True)

    def end(self, text: str = '') -> None:
        """Show the result of the step, and start a new line."""
        start = f'\r\033[K{self._title}' if sys.stdout.isatty() else ''
        print(f'{start} {text}'.rstrip() if text else start, flush=True)
        self._title = ''


terminal = Terminal()


def on_system(tool: str) -> bool:
    """Return whether a tool is installed, other than by this set-up."""
    folders = os.environ['PATH'].split(os.pathsep)
    path = os.pathsep.join(folder for folder in folders if folder != str(VENV / 'bin'))
    return shutil.which(tool, path=path) is not None


def environment(sourced: bool = False) -> dict[str, str]:
    """Return the variables for commands in the virtual environment.

    Args:
        sourced: Whether to keep the ROS 2 that this shell has sourced.
    """
    variables = dict(os.environ)
    if not sourced:
        for name in ROS_VARIABLES:
            variables.pop(name, None)
        variables['AMENT_PREFIX_PATH'] = str(VENV)
    variables['VIRTUAL_ENV'] = str(VENV)
    variables['PATH'] = f'{VENV / "bin"}{os.pathsep}{os.environ["PATH"]}'
    return variables


def run(command: Sequence[str], variables: Mapping[str, str]) -> str:
    """Run a command, write its output to the log, and return its standard output.

    Raises:
        SetupError: It failed. The message contains its last output.
    """
    with LOG.open('a') as log:
        log.write(f'$ {" ".join(command)}\n')
        log.flush()
        lines = []
        with subprocess.Popen(
            command,
            cwd=ROOT,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors='replace',
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                log.write(line)
                log.flush()
                lines.append(line)
                terminal.follow(line)
    if process.returncode:
        reason = reason_of_failure(lines)
        raise SetupError(
            f'the step failed: {reason} (the full output is in {LOG.relative_to(ROOT)})'
        )
    return ''.join(lines)


def reason_of_failure(lines: Sequence[str]) -> str:
    """Return the most useful line: the text after the last error, otherwise the last line."""
    printed = [line.strip() for line in lines if line.strip()]
    for index in range(len(printed) - 1, -1, -1):
        if 'error' in printed[index].lower():
            # CMake prints the place first, and the reason in the next line.
            return (
                ' '.join(printed[index : index + 2])
                if printed[index].endswith(':')
                else printed[index]
            )
    return printed[-1] if printed else 'it printed nothing'

"""Processes of this machine from /proc: the users of a file, and the environment of a process.

Processes of other users or in other containers are not visible.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fer_ros.core.redaction import redact_address

PROC = Path('/proc')

#: First bytes of the GUID of every Fast DDS endpoint: eProsima's vendor number.
_FAST_DDS = bytes([0x01, 0x0F])
_ROS_LIBRARY = 'librcl.so'
_DDS_LIBRARIES = ('libfastrtps', 'libfastdds')


@dataclass(frozen=True, slots=True)
class Process:
    """A process: its number, its command line, whether ROS is loaded, and its environment."""

    pid: int
    command: str
    uses_ros: bool
    environment: Mapping[str, str]

    @property
    def name(self) -> str:
        """Return the command and the number for people."""
        words = self.command.split()
        shown = [Path(word).name for word in words if not word.startswith('-')][:4]
        return f'{" ".join(shown) or "a process"} ({self.pid})'


def holders(path: str) -> list[Process]:
    """Return the other processes that have a file or device open."""
    real = os.path.realpath(path)
    found = []
    for process in PROC.glob('[0-9]*'):
        if process.name == str(os.getpid()):
            continue
        with suppress(OSError):  # It ended, or belongs to another user.
            if any(_target(entry) == real for entry in (process / 'fd').iterdir()):
                found.append(_process(int(process.name)))
    return found


def owner(gid: bytes) -> Process | None:
    """Return the process of a Fast DDS endpoint, or None if it is unknown.

    Args:
        gid: From the graph. Bytes 4 and 5 of a Fast DDS GUID are the lower half of the process
            number. If several processes match, only one of them can have Fast DDS loaded.
    """
    if gid[:2] != _FAST_DDS:
        return None
    lower = gid[4] | gid[5] << 8
    fitting = []
    for process in PROC.glob('[0-9]*'):
        number = int(process.name)
        if number & 0xFFFF == lower:
            with suppress(OSError):
                if any(name in (process / 'maps').read_text() for name in _DDS_LIBRARIES):
                    fitting.append(_process(number))
    return fitting[0] if len(fitting) == 1 else None


def _target(descriptor: Path) -> str:
    try:
        return os.readlink(descriptor)
    except OSError:  # The file was closed meanwhile.
        return ''


def _process(pid: int) -> Process:
    folder = PROC / str(pid)
    words = (folder / 'cmdline').read_bytes().decode(errors='replace').split('\0')
    environment = dict(
        entry.split('=', 1)
        for entry in (folder / 'environ').read_bytes().decode(errors='replace').split('\0')
        if '=' in entry
    )
    command = ' '.join(map(redact_address, words)).strip()
    return Process(pid, command, _ROS_LIBRARY in (folder / 'maps').read_text(), environment)

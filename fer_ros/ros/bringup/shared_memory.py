"""Removal of shared memory that is left behind.

Fast DDS removes its segments when a process ends, but not when it is killed. LTTng, which is part
of ROS 2 for tracing, never removes the page on which it waits. This module imports no ROS.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SHARED_MEMORY = Path('/dev/shm')

#: Files of Fast DDS 2 (up to Jazzy) and 3 (from Kilted on).
SEGMENTS = ('fastrtps_*', 'fastdds_*', 'fast_datasharing_*', 'sem.fastrtps_*', 'sem.fastdds_*')

#: Created at the import of rclpy, which can be before our code runs, and again when needed.
TRACING = ('lttng-ust-wait-*',)


@contextmanager
def shared_memory_swept(folder: Path = SHARED_MEMORY) -> Iterator[None]:
    """Remove new files of this user in the folder that no process uses.

    Pages of tracing are removed even if they are older. The block must contain everything that
    starts and ends ROS processes. The files of this process are removed, too.
    """
    before = _files(folder, SEGMENTS)
    try:
        yield
    finally:
        left = (_files(folder, SEGMENTS) - before) | _files(folder, TRACING)
        # The check of all processes takes time.
        for path in left - _in_use(folder) if left else ():
            with suppress(OSError):  # removed in the meantime
                path.unlink()


def _files(folder: Path, names: tuple[str, ...]) -> set[Path]:
    """Return this user's files of these names."""
    found = set()
    for path in (path for name in names for path in folder.glob(name)):
        with suppress(OSError):
            if path.stat().st_uid == os.getuid():
                found.add(path)
    return found


def _in_use(folder: Path) -> set[Path]:
    """Return the files of the folder that other processes have mapped or open."""
    used = set()
    for process in Path('/proc').glob('[0-9]*'):
        if process.name == str(os.getpid()):
            continue
        with suppress(OSError):  # it has ended, or belongs to another user
            # Descriptors first, because a file is mapped before its descriptor is closed.
            for descriptor in (process / 'fd').iterdir():
                with suppress(OSError):
                    used.add(Path(os.readlink(descriptor)))
            for line in (process / 'maps').read_text().splitlines():
                # address, permissions, offset, device, inode, path
                fields = line.split(maxsplit=5)
                if len(fields) == 6 and fields[5].startswith(f'{folder}{os.sep}'):
                    used.add(Path(fields[5]))
    return used

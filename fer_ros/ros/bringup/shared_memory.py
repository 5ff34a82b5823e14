"""Leave no shared memory behind.

Fast DDS removes its segments when a process ends in order, not when it is killed; LTTng, which
ROS 2 builds bring along for tracing, never removes the page it waits on. Imports no ROS.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SHARED_MEMORY = Path('/dev/shm')

#: Of Fast DDS 2 (to Jazzy) and 3 (from Kilted on).
SEGMENTS = ('fastrtps_*', 'fastdds_*', 'fast_datasharing_*', 'sem.fastrtps_*', 'sem.fastdds_*')

#: Made on import of rclpy, thus perhaps before anything of ours runs; made again when needed.
TRACING = ('lttng-ust-wait-*',)


@contextmanager
def shared_memory_swept(folder: Path = SHARED_MEMORY) -> Iterator[None]:
    """Remove new files of this user in the folder that no process uses.

    The pages of tracing go even if they were there before. Put it around everything that starts
    and ends ROS processes: this process may still hold files of its own, and need not after the
    block.
    """
    before = _files(folder, SEGMENTS)
    try:
        yield
    finally:
        left = (_files(folder, SEGMENTS) - before) | _files(folder, TRACING)
        # Only then worth a walk through all processes.
        for path in left - _in_use(folder) if left else ():
            with suppress(OSError):  # gone by itself meanwhile
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
        with suppress(OSError):  # it ended meanwhile, or is somebody else's
            # Descriptors first: a file is mapped before its descriptor is closed.
            for descriptor in (process / 'fd').iterdir():
                with suppress(OSError):
                    used.add(Path(os.readlink(descriptor)))
            for line in (process / 'maps').read_text().splitlines():
                # address, permissions, offset, device, inode, path
                fields = line.split(maxsplit=5)
                if len(fields) == 6 and fields[5].startswith(f'{folder}{os.sep}'):
                    used.add(Path(fields[5]))
    return used

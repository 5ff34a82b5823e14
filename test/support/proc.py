"""Data of the kernel about a process: memory, file descriptors, threads, processor time."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from fer_ros.ros.bringup.shared_memory import SHARED_MEMORY

TICKS = os.sysconf('SC_CLK_TCK')


@dataclass(frozen=True, slots=True)
class Holdings:
    """The resources of a process at one moment.

    Attributes:
        memory: Private resident memory in bytes, without files and without the shared memory of
            the middleware, which fills up to the size of its segments if readers are late.
        processor: Seconds so far.
    """

    memory: int
    descriptors: int
    threads: int
    processor: float


def holdings(pid: int) -> Holdings:
    """Return what a process holds now. Raises OSError when it is gone."""
    process = Path(f'/proc/{pid}')
    fields = (process / 'stat').read_text().rpartition(')')[2].split()
    own = next(
        line
        for line in (process / 'status').read_text().splitlines()
        if line.startswith('RssAnon:')
    )
    return Holdings(
        int(own.split()[1]) * 1024,
        len(os.listdir(process / 'fd')),
        len(os.listdir(process / 'task')),
        (int(fields[11]) + int(fields[12])) / TICKS,
    )


def open_files() -> set[Path]:
    """Return the paths of the files that this process has open."""
    found = set()
    for number in os.listdir('/proc/self/fd'):
        try:
            found.add(Path(os.readlink(f'/proc/self/fd/{number}')))
        except OSError:
            continue  # that of the list itself
    return found


def starved(pid: int) -> float:
    """Return the seconds for which the main thread has waited for a processor so far.

    It is 0.0 if the kernel does not count that. Raises OSError if the process has ended.
    """
    process = Path(f'/proc/{pid}')
    if not (process / 'schedstat').exists():
        (process / 'stat').read_text()
        return 0.0
    return int((process / 'schedstat').read_text().split()[1]) * 1e-9


def shared_memory_of(pid: int) -> set[Path]:
    """Return the segments of Fast DDS that a process has mapped.

    Not its ports: these are numbered for the whole machine, and others may listen there.
    """
    maps = Path(f'/proc/{pid}/maps').read_text().splitlines()
    paths = {Path(line.split(maxsplit=5)[5]) for line in maps if len(line.split()) > 5}
    return {
        path
        for path in paths
        if path.parent == SHARED_MEMORY
        and path.name.startswith(('fastrtps_', 'fastdds_'))
        and '_port' not in path.name
    }


def children(process: int) -> list[int]:
    """Return the processes that a process started and that still run."""
    found = []
    for status in Path('/proc').glob('[0-9]*/stat'):
        try:
            fields = status.read_text().rpartition(')')[2].split()
        except OSError:
            continue
        if int(fields[1]) == process and fields[0] != 'Z':
            found.append(int(status.parent.name))
    return found


def alive(process: int) -> bool:
    """Return whether a process still runs."""
    try:
        os.kill(process, 0)
        return 'Z' not in Path(f'/proc/{process}/stat').read_text().rpartition(')')[2][:3]
    except OSError:
        return False

"""A separate wall clock for processes that a test starts (see shifted_clock.c)."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name('shifted_clock.c')


def set_clock(folder: Path, seconds: float) -> None:
    """Set the clock of a folder to an offset in seconds from the true time, at once."""
    with (folder / 'clock').open('r+b') as file:
        file.write(struct.pack('=q', round(seconds * 1e9)))


def shifted_clock(folder: Path, seconds: float = 0.0) -> dict[str, str]:
    """Return the environment for processes with the clock of a folder; skip without a compiler."""
    compiler = shutil.which('cc') or shutil.which('gcc')
    if compiler is None:
        pytest.skip('no C compiler to move the clock of a process with: install build-essential')
    library = folder / 'shifted_clock.so'
    subprocess.run(
        [compiler, '-shared', '-fPIC', '-O2', '-o', str(library), str(SOURCE), '-ldl'], check=True
    )
    (folder / 'clock').write_bytes(bytes(8))
    set_clock(folder, seconds)
    return {'FER_ROS_TEST_CLOCK': str(folder / 'clock'), 'LD_PRELOAD': str(library)}

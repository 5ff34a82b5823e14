"""Freed memory is returned to the system."""

from __future__ import annotations

import platform
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from support.clips import write_clip

pytestmark = pytest.mark.skipif(
    platform.libc_ver()[0] != 'glibc', reason='this C library has no malloc_trim'
)

#: Bytes of the blocks that the program below frees.
FREED = 999 * 16384


def _returned(preparation: str, action: str, *arguments: str) -> int:
    """Return the bytes that an action returns to the system.

    The program frees blocks below a used one. It is a separate process, because other blocks on
    the heap of this one would change the result.
    """
    program = f"""
import ctypes, os, sys
from support.proc import holdings
{preparation}
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
blocks = [libc.malloc(16384) for _ in range(1000)]
for block in blocks:
    ctypes.memset(block, 1, 16384)
for block in blocks[:-1]:
    libc.free(block)
held = holdings(os.getpid()).memory
{action}
print(held - holdings(os.getpid()).memory)
"""
    ended = subprocess.run(
        [sys.executable, '-c', program, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={'PYTHONPATH': ':'.join(filter(None, sys.path)), 'MALLOC_ARENA_MAX': '1'},
    )
    return int(ended.stdout)


def test_free_memory_below_a_used_block_is_returned() -> None:
    preparation = 'from fer_ros.core.memory import release_free_memory'
    assert _returned(preparation, 'release_free_memory()') > 0.9 * FREED


def test_a_video_that_starts_again_returns_free_memory(tmp_path: Path) -> None:
    preparation = textwrap.dedent("""
        from fer_ros.core.sources import SourceConfig
        from fer_ros.core.sources.video import VideoSource
        source = VideoSource(sys.argv[1], SourceConfig(realtime=False, loop=True))
        source.open()
        source.read()
    """)
    frames = [np.zeros((24, 32, 3), np.uint8)] * 2
    clip = write_clip(tmp_path / 'clip.avi', frames)
    assert _returned(preparation, 'source.read(); source.read()', str(clip)) > 0.8 * FREED

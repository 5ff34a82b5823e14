"""Freed memory is returned to the system."""

from __future__ import annotations

import platform
import subprocess
import sys
import textwrap

import pytest


@pytest.mark.skipif(platform.libc_ver()[0] != 'glibc', reason='this C library has no malloc_trim')
def test_free_memory_below_a_used_block_is_returned():
    # A process of its own: what else lies on the heap of this one would blur it.
    program = textwrap.dedent("""
        import ctypes, os
        from support.proc import holdings
        from fer_ros.ros.base.memory import release_free_memory
        libc = ctypes.CDLL(None)
        libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
        blocks = [libc.malloc(16384) for _ in range(1000)]
        for block in blocks:
            ctypes.memset(block, 1, 16384)
        for block in blocks[:-1]:
            libc.free(block)
        held = holdings(os.getpid()).memory
        release_free_memory()
        print(held - holdings(os.getpid()).memory)
    """)
    ended = subprocess.run(
        [sys.executable, '-c', program],
        capture_output=True,
        text=True,
        check=True,
        env={'PYTHONPATH': ':'.join(filter(None, sys.path)), 'MALLOC_ARENA_MAX': '1'},
    )
    assert int(ended.stdout) > 0.9 * 999 * 16384

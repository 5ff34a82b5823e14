"""Return freed memory to the system."""

from __future__ import annotations

import ctypes
import sys


def release_free_memory() -> None:
    """Return the free parts of the heap of the C library to the system. This takes milliseconds.

    By default, glibc returns only free memory at the end of the heap. A single used block there
    keeps the memory of a detector and a model (malloc_trim(3)). With other C libraries, which have
    no such call, nothing happens.
    """
    if sys.platform != 'linux':
        return
    trim = getattr(ctypes.CDLL(None), 'malloc_trim', None)
    if trim is not None:
        trim(0)

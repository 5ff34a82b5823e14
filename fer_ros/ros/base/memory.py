"""Give memory that was freed back to the system."""

from __future__ import annotations

import ctypes


def release_free_memory() -> None:
    """Hand the free parts of the C library's heap to the system; takes milliseconds.

    By default, glibc gives back only what is free at the heap's end, so that one block still in
    use there keeps all that a detector and a model once took (malloc_trim(3)). Other C libraries
    have no such call; nothing happens with them.
    """
    trim = getattr(ctypes.CDLL(None), 'malloc_trim', None)
    if trim is not None:
        trim(0)

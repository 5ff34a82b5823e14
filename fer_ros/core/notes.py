"""Removal of the notes that libraries write to stderr and that no setting removes."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

_lock = threading.Lock()


@contextmanager
def without_notes(*beginnings: bytes) -> Iterator[None]:
    """Remove the lines that begin with one of `beginnings` from stderr during the `with` block.

    Other lines are written afterwards.
    """
    sys.stderr.flush()
    with _lock, _memory_file() as notes:
        stderr = os.dup(2)
        try:
            os.dup2(notes.fileno(), 2)
            yield
        finally:
            sys.stderr.flush()
            os.dup2(stderr, 2)
            os.close(stderr)
            notes.seek(0)
            for line in notes:
                if not line.startswith(beginnings):
                    os.write(2, line)


def _memory_file() -> IO[bytes]:
    """Return a temporary file. On Linux, it needs no writable folder."""
    if hasattr(os, 'memfd_create'):
        return os.fdopen(os.memfd_create('notes'), 'w+b')
    return tempfile.TemporaryFile()

"""A lock on a folder, so that two processes do not write into it at the same time."""

from __future__ import annotations

import fcntl
import os
from contextlib import ExitStack
from pathlib import Path


def lock_folder(folder: Path) -> ExitStack:
    """Return a context manager that holds the lock of an existing folder until its end.

    Some network file systems have no locks. There, two processes can get the lock.

    Raises:
        BlockingIOError: Another process has the lock.
        OSError: The folder cannot be read.
    """
    with ExitStack() as stack:
        descriptor = os.open(folder, os.O_RDONLY)
        stack.callback(os.close, descriptor)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if isinstance(error, BlockingIOError):
                raise
        return stack.pop_all()

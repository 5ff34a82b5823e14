"""Files that only this user can read and that do not outlive the process."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

#: Beginning of the name of a temporary folder, and the name of the file in it.
_FOLDER, _NAME = 'fer_ros_private_', 'file'

#: Regular expression of the paths of all private files.
PRIVATE_PATH = rf'/proc/self/fd/\d+|\S*{_FOLDER}\w+/{_NAME}'


class PrivateFile(NamedTuple):
    """A private file.

    Attributes:
        path: Its path in this process.
        descriptors: To pass to a child process, in which the path is then the same.
    """

    path: Path
    descriptors: tuple[int, ...]


def private_file(data: bytes, stack: ExitStack) -> PrivateFile:
    """Return a new file with this content. It exists until the stack ends.

    On Linux, it exists only in memory. Other systems have no such files, so it is a temporary
    file.
    """
    if not hasattr(os, 'memfd_create'):
        path = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=_FOLDER))) / _NAME
        path.write_bytes(data)
        return PrivateFile(path, ())
    number = os.memfd_create('fer_ros', os.MFD_CLOEXEC)
    stack.callback(os.close, number)
    with open(number, 'wb', closefd=False) as file:
        file.write(data)
    return PrivateFile(Path(f'/proc/self/fd/{number}'), (number,))

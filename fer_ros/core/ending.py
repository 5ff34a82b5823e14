"""The end of a program: by a signal, with its parent process, or with the reader of its output.

`python -m fer_ros.core.ending COMMAND ...` runs another program that ends with its parent.
"""

from __future__ import annotations

import ctypes
import errno
import os
import select
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

#: Environment variable with the id of a process. If that process ends, this one ends, too.
PARENT_VARIABLE = 'FER_ROS_PARENT'

#: prctl(2): the signal that a process gets when the thread that started it ends.
_PR_SET_PDEATHSIG = 1


def end_signals() -> tuple[signal.Signals, ...]:
    """Return the signals that request the end of a program.

    SIGHUP means that the terminal was closed. It stays ignored under nohup.
    """
    signals = (signal.SIGINT, signal.SIGTERM)
    if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
        return signals
    return (*signals, signal.SIGHUP)


def end_event() -> threading.Event:
    """Return an event that one of these signals sets. Call it on the main thread."""
    event = threading.Event()
    for number in end_signals():
        signal.signal(number, lambda *_: event.set())
    return event


def end_with_parent() -> None:
    """Receive SIGTERM when the process in PARENT_VARIABLE ends, even if it is killed.

    Only Linux reports the end of a parent.
    """
    parent = os.environ.pop(PARENT_VARIABLE, '')
    if not parent or sys.platform != 'linux':
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    # It may have ended before that call. A debugger or a terminal may be in between.
    if int(parent) not in _ancestors():
        os.kill(os.getpid(), signal.SIGTERM)


def _ancestors() -> Iterator[int]:
    pid = os.getppid()
    while pid:
        yield pid
        try:
            fields = Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()
        except OSError:
            return
        pid = int(fields[1])


@contextmanager
def until_output_closes() -> Iterator[None]:
    """End without a traceback if the output cannot be written.

    It may no longer be read, for example by `| head`, or its disk may be full.
    """
    _open_closed_streams()
    try:
        try:
            yield
        finally:
            # The rest of the buffer would fail later, where no code can catch it.
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
    except OSError as error:
        closed = [number for number in (1, 2) if _is_closed(number)]
        if closed:
            _discard(closed)
            # The exit code that a shell shows for a program that ended at a closed pipe.
            raise SystemExit(128 + signal.SIGPIPE) from None
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        # Python would write the rest of their buffers at its end.
        _discard([n for n, stream in ((1, sys.stdout), (2, sys.stderr)) if not _flush(stream)])
        print(
            f'the output cannot be written ({error.strerror}): free some space, or write it '
            'elsewhere',
            file=sys.stderr,
        )
        raise SystemExit(1) from None


def _open_closed_streams() -> None:
    """Replace standard streams that the shell closed, as with `>&-`, by /dev/null.

    Otherwise, the next opened file gets the number of the stream, and libraries write their
    messages into it.
    """
    for number, name in enumerate(('stdin', 'stdout', 'stderr')):
        try:
            os.fstat(number)
        except OSError:
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
            # For child processes. os.open() hides a file from them.
            os.set_inheritable(number, True)
        if getattr(sys, name) is None:
            mode = 'w' if number else 'r'
            stream = open(number, mode, errors='backslashreplace', closefd=False)  # noqa: SIM115
            setattr(sys, name, stream)


def _discard(numbers: list[int]) -> None:
    """Connect streams to /dev/null."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in numbers:
        os.dup2(nowhere, number)


def _flush(stream: TextIO) -> bool:
    """Write the rest of a buffer and return whether it succeeded."""
    try:
        stream.flush()
    except OSError:
        return False
    return True


def _is_closed(descriptor: int) -> bool:
    """Return whether the other end of a pipe or terminal is closed."""
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(events & (select.POLLERR | select.POLLHUP) for _, events in poll.poll(0))


if __name__ == '__main__':
    end_with_parent()
    os.execvp(sys.argv[1], sys.argv[1:])

"""Start and end the processes of a bring-up without ROS's launch."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from fer_ros.core.ending import PARENT_VARIABLE
from fer_ros.core.private_files import PrivateFile, private_file
from fer_ros.ros.bringup.node_process import PACKAGE, RESPAWN_DELAY, NodeProcess

#: Seconds after SIGINT, and after SIGTERM, before the next and stronger signal.
PATIENCE = 4.0


class Processes:
    """Runs the processes of nodes during a `with` block.

    They end with the thread that started them, too, even if this process is killed.

    Args:
        log_folder: Each process writes a log file there. None means the terminal.
        later: Names of executables that start_later() starts after the others are ready.
    """

    def __init__(
        self,
        plan: Sequence[NodeProcess],
        log_folder: Path | None = None,
        later: Sequence[str] = (),
    ) -> None:
        self._plan = plan
        self._later = later
        self._log_folder = log_folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._died_at: dict[str, float] = {}
        self._files = ExitStack()
        #: Parameter files with passwords, by executable.
        self._private: dict[str, PrivateFile] = {}

    def __enter__(self) -> Processes:
        if self._log_folder is not None:
            self._log_folder.mkdir(parents=True, exist_ok=True)
        try:
            for process in self._plan:
                if text := process.private_parameters():
                    file = private_file(text.encode(), self._files)
                    self._private[process.executable] = file
                if process.executable not in self._later:
                    self._start(process)
        except BaseException:
            self.stop()
            raise
        return self

    def start_later(self) -> None:
        """Start the processes that wait for the others. A second call has no effect."""
        for process in self._plan:
            if process.executable not in self._running:
                self._start(process)

    def start_dead_again(self) -> list[tuple[str, int]]:
        """Start processes again RESPAWN_DELAY after they died. Call it often.

        Returns the names and exit codes of the processes that have just died.
        """
        died = []
        for process in self._plan:
            name = process.executable
            code = self._running[name].poll() if name in self._running else None
            if not process.respawn or code is None:
                continue
            if name not in self._died_at:
                self._died_at[name] = time.monotonic()
                died.append((name, code))
            elif time.monotonic() - self._died_at[name] >= RESPAWN_DELAY:
                del self._died_at[name]
                self._start(process)
        return died

    def _start(self, process: NodeProcess) -> None:
        with ExitStack() as stack:
            log = None
            if self._log_folder is not None:
                mode = 'ab' if process.executable in self._running else 'wb'
                log = stack.enter_context(open(self.log_file(process.executable), mode))
            private = self._private.get(process.executable)
            command = process.command(str(private.path) if private else '')
            if process.package != PACKAGE:
                command = [sys.executable, '-m', 'fer_ros.core.ending', *command]
            environment = {**process.environment, PARENT_VARIABLE: str(os.getpid())}
            # A separate session, so that Ctrl-C reaches only this process, which ends the nodes in
            # order.
            self._running[process.executable] = subprocess.Popen(
                command,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=None if log is None else subprocess.STDOUT,
                start_new_session=True,
                pass_fds=private.descriptors if private else (),
            )

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def log_file(self, name: str) -> Path:
        """Return the log file of a process, which must not be the terminal."""
        assert self._log_folder is not None
        return self._log_folder / f'{name}.log'

    @property
    def pids(self) -> dict[str, int]:
        """Return the ids of the started processes by name."""
        return {name: process.pid for name, process in self._running.items()}

    def dead(self) -> list[tuple[str, int]]:
        """Return the names and exit codes of ended processes that are not started again."""
        again = {process.executable for process in self._plan if process.respawn}
        codes = ((name, process.poll()) for name, process in self._running.items())
        return [(name, code) for name, code in codes if code is not None and name not in again]

    def stop(self) -> dict[str, int]:
        """End all processes, first with the weaker signals. Return their exit codes by name."""
        for kind in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            for process in self._running.values():
                if process.poll() is None:
                    process.send_signal(kind)
            deadline = time.monotonic() + PATIENCE
            while time.monotonic() < deadline and any(
                process.poll() is None for process in self._running.values()
            ):
                time.sleep(0.02)
        self._files.close()
        return {name: process.wait() for name, process in self._running.items()}

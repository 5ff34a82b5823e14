"""Worker processes of this machine. Each annotates one input at a time, and they share the cores.

If a process dies because of a damaged file or lack of memory, its current input fails, and another
process replaces it. Workers end with this process, even if it is killed.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from fer_ros.core.errors import FerError
from fer_ros.offline.inputs.finding import Input
from fer_ros.offline.results.output import OutputFolder
from fer_ros.offline.running.ahead import Cores
from fer_ros.offline.running.annotate import Outcome, annotate
from fer_ros.offline.running.shared_models import SharedModels
from fer_ros.offline.settings import Settings

#: Seconds between two reports of the progress of an input.
REPORT_PERIOD = 0.2

#: Runtimes and OpenCV's decoder can start threads, so processes are not forked.
_CONTEXT = multiprocessing.get_context('spawn')


@dataclass(frozen=True, slots=True)
class Report:
    """A report of an input: the processed frames of all frames, or its outcome."""

    name: str
    done: int = 0
    length: int = 0
    outcome: Outcome | None = None


def run_inputs(
    inputs: Sequence[Input],
    output: OutputFolder,
    settings: Settings,
    jobs: int,
) -> Generator[Report, None, None]:
    """Annotate inputs in up to `jobs` processes. Yield reports as they arrive.

    Close the generator to stop. Incomplete results are then discarded.
    """
    # The longest inputs first, so that the remaining ones are short and share all cores.
    waiting = deque(sorted(inputs, key=lambda one: -one.size))
    busy = _CONTEXT.Value('i', 1, lock=False)
    workers: list[_Worker] = []
    try:
        while waiting or workers:
            while waiting and len(workers) < jobs:
                workers.append(_Worker(output, settings, jobs, busy))
                workers[-1].assign(waiting.popleft())
            busy.value = len(workers)
            for worker in _with_news(workers):
                report = worker.news()
                yield report
                if report.outcome is None:
                    continue
                if worker.dead or not waiting:
                    worker.dismiss()
                    workers.remove(worker)
                else:
                    worker.assign(waiting.popleft())
    finally:
        for worker in workers:
            worker.kill()


class _Worker:
    """One process and its current input."""

    def __init__(
        self,
        output: OutputFolder,
        settings: Settings,
        jobs: int,
        busy: Any,
    ) -> None:
        self._output = output
        self.connection, theirs = _CONTEXT.Pipe()
        self._input: Input | None = None
        self.dead = False
        self._process: SpawnProcess = _CONTEXT.Process(
            target=_work, args=(theirs, output.folder, settings, jobs, busy), daemon=True
        )
        # Ctrl-C and the end of a terminal reach all processes. Workers ignore them; this process
        # handles them.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGHUP))
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()

    def assign(self, one: Input) -> None:
        """Give an input to the process."""
        self._input = one
        with contextlib.suppress(OSError):  # news() detects a dead process.
            self.connection.send(one)

    def news(self) -> Report:
        """Return the next report. If the process died, the report says so."""
        assert self._input is not None
        try:
            report: Report = self.connection.recv()
        except (EOFError, OSError):
            self.dead = True
            self._process.join()
            code = self._process.exitcode or 0
            how = f'by signal {signal.Signals(-code).name}' if code < 0 else f'with code {code}'
            return Report(
                self._input.name,
                outcome=Outcome(
                    failure=f'its process ended {how}{self._last_words()}, because the file is '
                    f'damaged or there is not enough memory: check the file, or use fewer --jobs'
                ),
            )
        return report

    def _last_words(self) -> str:
        log = self._output.log(self._process.pid or 0)
        lines = log.read_text(errors='replace').split('\n') if log.exists() else []
        said = [line for line in lines if line.strip()]
        return f' (last output: {said[-1].strip()})' if said else ''

    def dismiss(self) -> None:
        """Ask the process to end."""
        self.connection.close()
        self._process.join()

    def kill(self) -> None:
        """Kill the process."""
        self._process.kill()
        self._process.join()


def _with_news(workers: Sequence[_Worker]) -> list[_Worker]:
    by_connection = {worker.connection: worker for worker in workers}
    return [by_connection[ready] for ready in wait(list(by_connection))]  # type: ignore[index]


def _work(
    connection: Connection,
    folder: Path,
    settings: Settings,
    jobs: int,
    busy: Any,
) -> None:
    """Run as a worker: annotate inputs until the connection closes."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    output = OutputFolder(folder)
    _log_to(output.log(os.getpid()))
    cores = Cores(jobs, lambda: max(1, jobs // max(1, busy.value)))
    models: SharedModels | None = None
    while True:
        try:
            one: Input = connection.recv()
        except (EOFError, OSError):
            return
        try:
            models = models or SharedModels(settings)
            outcome = annotate(one, output, models, cores, _reporter(connection, one))
        except FerError as error:
            outcome = Outcome(failure=str(error), fatal=True)
        connection.send(Report(one.name, outcome=outcome))


def _log_to(log: Path) -> None:
    """Redirect the stderr of libraries to a file, because it would disturb the progress bar."""
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(file, sys.stderr.fileno())
    os.close(file)


def _reporter(connection: Connection, one: Input) -> Any:
    """Return a function that reports the progress at a limited rate."""
    last = time.monotonic()

    def report(done: int, length: int) -> None:
        nonlocal last
        if time.monotonic() - last >= REPORT_PERIOD:
            last = time.monotonic()
            connection.send(Report(one.name, done, length))

    return report


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)

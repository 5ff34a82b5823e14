"""Workers of a Dask cluster. Each annotates one input at a time.

All workers need the folders of inputs and results under the same paths, and the same software and
models, so that the results equal those of one machine. Only paths, settings and outcomes travel
through Dask, and no pictures. If a worker dies, another one repeats its input.
"""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from fer_ros.core.errors import FerError
from fer_ros.offline.inputs.finding import Input
from fer_ros.offline.results.output import OutputFolder
from fer_ros.offline.running.ahead import Cores
from fer_ros.offline.running.annotate import Outcome, StoppedError, annotate
from fer_ros.offline.running.processes import Report
from fer_ros.offline.running.shared_models import SharedModels
from fer_ros.offline.settings import Settings

#: Seconds within which the scheduler, and then a first worker, must answer.
TIMEOUT = 10.0

#: Seconds between two checks whether the results are still wanted.
WANTED_PERIOD = 1.0

# State of a worker process: its models by their settings, and the number of current inputs.
_models: dict[str, SharedModels] = {}
_lock = threading.Lock()
_busy = 0


def run_inputs(
    inputs: Sequence[Input],
    output: OutputFolder,
    settings: Settings,
    address: str,
) -> Generator[Report, None, None]:
    """Annotate inputs on the cluster of a scheduler. Yield reports as they arrive.

    Close the generator to stop. Incomplete results are then discarded.

    Raises:
        FerError: The cluster cannot be reached or a worker cannot annotate.
    """
    stack = ExitStack()
    with stack:
        client = _connect(address)
        stack.callback(client.close, timeout=TIMEOUT)
        mark = stack.enter_context(output.wanted())
        _check_workers(client, mark, inputs, settings)
        return _reports(client, mark, inputs, output, settings, stack.pop_all())


def _connect(address: str) -> Any:
    """Return a client. Raises FerError."""
    try:
        from distributed import Client
    except ImportError as error:
        raise FerError(
            f'--dask needs the library Dask ({error}): run pip install distributed'
        ) from error
    if not re.fullmatch(r'(\w+://)?[^/]+:\d+', address):
        raise FerError(
            f'{address} is not the address of a Dask scheduler: write it as tcp://name:8786'
        )
    # Errors are reported below, with a remedy.
    for name in ('distributed', 'tornado', 'asyncio'):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        client = Client(address, timeout=TIMEOUT, set_as_default=False)
    except (OSError, ValueError, ImportError) as error:
        raise FerError(
            f'no Dask scheduler answers at {address} ({error or "no answer"}): use the address '
            'that "dask scheduler" prints, such as tcp://name:8786'
        ) from error
    try:
        client.wait_for_workers(1, timeout=TIMEOUT)
    except TimeoutError as error:
        client.close()
        raise FerError(
            f'the Dask scheduler at {address} has no workers: run "dask worker {address}" on the '
            'machines'
        ) from error
    return client


def _check_workers(
    client: Any,
    mark: Path,
    inputs: Sequence[Input],
    settings: Settings,
) -> None:
    """Raise FerError with each worker that cannot annotate, and the reason."""
    answers = client.run(check_worker, mark, inputs[0].path, settings, on_error='return')
    problems = {
        worker: _problem(answer) for worker, answer in answers.items() if answer is not None
    }
    if problems:
        listed = '\n'.join(f'  {worker}: {problem}' for worker, problem in problems.items())
        raise FerError(
            f'{len(problems)} of {len(answers)} Dask workers cannot annotate:\n{listed}'
        )


def _problem(answer: object) -> str:
    if isinstance(answer, BaseException) and 'No module named' in str(answer):
        return (
            f'{str(answer).partition("(")[2].strip(chr(34) + ")") or answer}: install fer_ros '
            'there, or start the worker where it can be imported'
        )
    return str(answer)


def check_worker(mark: Path, example: Path, settings: Settings) -> str | None:
    """Return the reason why this worker cannot annotate, or None."""
    for path, what in ((mark, 'the results folder'), (example, 'the inputs')):
        if not path.exists():
            return f'it cannot read {path}: {what} must be in a folder that all machines share'
    try:
        with OutputFolder(mark.parents[1]).part():
            pass
        here = _models_for(settings).settings.resolved()
    except FerError as error:
        return str(error)
    differences = settings.differences(here.as_json())
    return f'it has {", ".join(differences)}' if differences else None


def _reports(
    client: Any,
    mark: Path,
    inputs: Sequence[Input],
    output: OutputFolder,
    settings: Settings,
    connection: ExitStack,
) -> Generator[Report, None, None]:
    """Yield a report for each input, then close the connection."""
    from distributed import as_completed

    with connection:
        largest_first = sorted(inputs, key=lambda one: -one.size)
        by_key = {f'fer_ros-{mark.name}-{one.name}': one for one in largest_first}
        futures = [
            client.submit(
                work, one, output.folder, settings, mark, key=key, pure=False, priority=-rank
            )
            for rank, (key, one) in enumerate(by_key.items())
        ]
        for future in as_completed(futures, loop=client.loop):
            name = by_key[future.key].name
            yield Report(name, outcome=_outcome(future, name))


def _outcome(future: Any, name: str) -> Outcome:
    """Return the outcome of a finished input. Raises FerError if the cluster failed."""
    from distributed import KilledWorker

    try:
        outcome: Outcome = future.result()
    except KilledWorker:
        return Outcome(
            failure='each worker that processed it died: the file is damaged, or there is not '
            'enough memory'
        )
    except Exception as error:  # An error of Dask, for example if the scheduler ended.
        reason = str(error).partition('\n')[0]
        raise FerError(
            f'the Dask cluster could not finish {name} ({type(error).__name__}: {reason}): run '
            'the same command again to continue'
        ) from error
    return outcome


def work(one: Input, folder: Path, settings: Settings, mark: Path) -> Outcome:
    """Annotate an input on a worker.

    Args:
        mark: A file that exists while the results are wanted.
    """
    global _busy
    try:
        models = _models_for(settings)
    except FerError as error:
        return Outcome(failure=str(error), fatal=True)
    threads = _threads()
    with _lock:
        _busy += 1
    try:
        return annotate(
            one,
            OutputFolder(folder),
            models,
            Cores(threads, lambda: max(1, threads // _busy)),
            _Wanted(mark).check,
        )
    except StoppedError:
        return Outcome(failure='it was stopped')
    finally:
        with _lock:
            _busy -= 1


class _Wanted:
    """Checks from time to time whether the results are still wanted."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark
        self._last = time.monotonic()

    def check(self, done: int, length: int) -> None:
        """Raise StoppedError if the results are no longer needed."""
        if time.monotonic() - self._last >= WANTED_PERIOD:
            self._last = time.monotonic()
            if not self._mark.exists():
                raise StoppedError


def _models_for(settings: Settings) -> SharedModels:
    key = json.dumps(settings.as_json())
    with _lock:
        if key not in _models:
            _models[key] = SharedModels(settings)
        return _models[key]


def _threads() -> int:
    from distributed import get_worker

    return int(get_worker().state.nthreads)

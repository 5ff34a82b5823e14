"""Processing of many inputs: the remaining ones, the run and its report."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from fer_ros.core.counting import count_text
from fer_ros.core.errors import FerError, OutputError, printable
from fer_ros.core.models import ModelStore
from fer_ros.core.redaction import redact
from fer_ros.core.sources.file_kinds import passed_over
from fer_ros.offline.inputs.finding import Found, Input, find_inputs
from fer_ros.offline.results.output import OutputFolder
from fer_ros.offline.results.totals import write_totals
from fer_ros.offline.results.video import shortcoming
from fer_ros.offline.running import cluster, processes
from fer_ros.offline.running.journal import Journal
from fer_ros.offline.running.processes import Report
from fer_ros.offline.running.progress import Progress
from fer_ros.offline.settings import Settings


@dataclass(frozen=True, slots=True)
class Request:
    """A request to annotate inputs.

    Attributes:
        topics: Topics of bags.
        jobs: Number of processes, or of cores for a single video.
        dask: Address of a scheduler instead of jobs, or empty.
        again: Delete the results of an earlier run.
    """

    paths: Sequence[Path]
    out: Path
    settings: Settings
    topics: Sequence[str] = ()
    jobs: int = 1
    dask: str = ''
    again: bool = False


def run(request: Request) -> int:
    """Annotate, print the progress, and return the exit code: 1 if an input failed.

    Raises:
        FerError: Nothing can be annotated.
    """
    settings = request.settings.resolved()
    found = find_inputs(request.paths, request.topics, request.out)
    for name, reason in found.refused.items():
        print(_line('failed', name, reason), file=sys.stderr, flush=True)
    if not found.inputs:
        raise FerError('there is nothing to annotate: name pictures, videos, bags or folders')
    output = OutputFolder(request.out)
    _check_names(found.inputs, output)
    with output.locked():
        return _Batch(request, settings, found, output).run()


def _check_names(inputs: Sequence[Input], output: OutputFolder) -> None:
    """Raise OutputError if two inputs have the same output path."""
    places = Counter(output.annotated(one) for one in inputs)
    twice = [one.name for one in inputs if places[output.annotated(one)] > 1]
    if twice:
        raise OutputError(
            f'{" and ".join(twice)} would be written to the same file: rename one of them, or '
            'run annotate for each with its own --out'
        )


class _Batch:
    """One run with a locked results folder."""

    def __init__(
        self,
        request: Request,
        settings: Settings,
        found: Found,
        output: OutputFolder,
    ) -> None:
        self._request = request
        self._settings = settings
        self._found = found
        self._output = output
        self._failures = dict(found.refused)
        self._incomplete_inputs = 0

    def run(self) -> int:
        """Process the remaining inputs and return the exit code."""
        self._take_up_manifest()
        waiting = self._left_to_do()
        self._print_start(waiting)
        if waiting:
            self._output.forget_totals()
            self._write_manifest()
            self._annotate(waiting)
        finished = [one for one in self._found.inputs if one.name not in self._failures]
        card = ModelStore().load_card(self._settings.pipeline.classifier.model)
        write_totals(self._output, finished, self._failures, self._settings, card.labels)
        self._write_manifest()
        if not self._failures:
            self._output.clear_unfinished()
        self._print_results(finished)
        return 1 if self._failures or self._incomplete_inputs else 0

    def _take_up_manifest(self) -> None:
        """Continue in the folder of an earlier run if it has the same settings."""
        manifest = self._output.read_manifest()
        if manifest is None:
            return
        if self._request.again:
            self._output.clear()
            return
        differences = self._settings.differences(manifest.get('settings', {}))
        if differences:
            raise OutputError(
                f'{self._output.folder} contains results made with '
                f'{", ".join(differences)}: name another folder, or add --again to start '
                'from the beginning'
            )
        names = {one.name for one in self._found.inputs}
        others = [one for one in manifest.get('inputs', []) if one.get('name') not in names]
        if others:
            print(
                f'{self._output.folder} also contains results of '
                f'{count_text(len(others), "input")} outside this run: kept, but the tables of '
                'all inputs do not include them'
            )

    def _left_to_do(self) -> list[Input]:
        """Return the inputs that have no results or have changed."""
        waiting = []
        # Check all inputs before the first result is removed.
        summaries = [self._output.finished(one, self._settings) for one in self._found.inputs]
        for one, summary in zip(self._found.inputs, summaries, strict=True):
            if summary is None:
                self._output.forget(one)
                waiting.append(one)
            elif summary['warning']:
                print(self._incomplete(one.name, summary['warning']), file=sys.stderr, flush=True)
        return waiting

    def _print_start(self, waiting: Sequence[Input]) -> None:
        """Print the number of inputs, and what an earlier run has done."""
        inputs, others = self._found.inputs, self._found.passed_over
        line = count_text(len(inputs), 'input')
        if finished := len(inputs) - len(waiting):
            line += f', {finished} already finished'
        if others:
            line += f'; {count_text(len(others), "other file")} skipped: {passed_over(others)}'
        print(line)
        for one in waiting:
            if frames := Journal(self._output.unfinished(one, self._settings)).known:
                print(
                    f'{printable(one.name)} continues after {count_text(frames, "frame")} of an '
                    'earlier run'
                )
        sys.stdout.flush()

    def _annotate(self, waiting: Sequence[Input]) -> None:
        """Process inputs. Raises OutputError or FerError if the other inputs cannot succeed."""
        start, frames = time.monotonic(), 0
        with closing(self._reports(waiting)) as reports:
            progress = Progress(waiting)
            try:
                for report in reports:
                    outcome = report.outcome
                    if outcome is None:
                        progress.report(report.name, report.done, report.length)
                        continue
                    if outcome.fatal:
                        raise OutputError(outcome.failure)
                    progress.finish(report.name, outcome.frames)
                    frames += outcome.frames
                    if outcome.failure:
                        self._failures[report.name] = outcome.failure
                        progress.line(_line('failed', report.name, outcome.failure))
                    elif outcome.warning:
                        progress.line(self._incomplete(report.name, outcome.warning))
            finally:
                progress.close()
        seconds = time.monotonic() - start
        print(
            f'{count_text(frames, "frame")} in {seconds:.1f} s, {frames / seconds:.1f} a second',
            flush=True,
        )

    def _reports(self, waiting: Sequence[Input]) -> Generator[Report, None, None]:
        if self._request.dask:
            return cluster.run_inputs(waiting, self._output, self._settings, self._request.dask)
        return processes.run_inputs(waiting, self._output, self._settings, self._request.jobs)

    def _write_manifest(self) -> None:
        self._output.write_manifest(
            {
                'settings': self._settings.as_json(),
                'inputs': [
                    {
                        'name': one.name,
                        'path': str(one.path),
                        'kind': one.kind,
                        'topic': one.topic.name if one.topic else '',
                        **one.fingerprint,
                    }
                    for one in self._found.inputs
                ],
                'passed_over': [str(path) for path in self._found.passed_over],
                'failures': self._failures,
            }
        )

    def _incomplete(self, name: str, warning: str) -> str:
        """Count an incomplete input and return its line."""
        self._incomplete_inputs += 1
        return _line('incomplete', name, warning)

    def _print_results(self, finished: Sequence[Input]) -> None:
        folder = printable(str(self._output.folder))
        lines = [f'results of {count_text(len(finished), "input")} in {folder}']
        if self._settings.pictures and any(one.kind == 'video' for one in finished):
            lines += filter(None, ['annotated videos have no sound', shortcoming()])
        # At once, because errors are written at once, too.
        print(*lines, sep='\n', flush=True)
        counts = {'failed': len(self._failures), 'incomplete': self._incomplete_inputs}
        faults = [
            f'{count_text(number, "input")} {what}' for what, number in counts.items() if number
        ]
        if faults:
            print(f'{", ".join(faults)}: see the reasons above', file=sys.stderr)


def _line(what: str, name: str, reason: str) -> str:
    return redact(f'{what}: {printable(name)}: {reason}')

"""A training run from its data to its record."""

from __future__ import annotations

from dataclasses import replace

from training.base.backend import choose_backend, versions
from training.data.dataset import Dataset
from training.data.open import open_data
from training.data.prepare import Parts
from training.errors import DataError, TrainingError
from training.learning.config import TrainConfig
from training.learning.history import summary
from training.learning.parts import given_parts, select
from training.learning.processes import Processes, check_processes
from training.learning.record import DataRecord, RunRecord
from training.learning.run import Run


def train(
    config: TrainConfig,
    run: Run,
    processes: Processes,
    resume: bool = False,
    command: str = '',
) -> RunRecord:
    """Train, and leave a run's folder with record, log, curves, checkpoint and the best network.

    Args:
        config: what to learn, and how.
        run: where it is kept.
        processes: which of how many processes this is; the first alone writes.
        resume: go on after the last whole epoch of the run.
        command: for the record.

    Returns:
        The record.

    Raises:
        TrainingError: the folder holds a run already, or one that cannot be resumed; the options
            do not fit the network; or the loss is no longer finite.
        DataError: the data cannot be read, or has no pictures of a class.
    """
    if run.begun and not resume:
        raise TrainingError(
            f'{run.folder} already holds a run; go on with it by --resume, or choose another --out'
        )
    data = open_data(config.data)
    for line in data.skipped:
        print(f'skipped {line}')
    kept = run.read_parts(data) if resume else None
    with processes.first_alone():
        data, parts = kept or _choose(data, config)
    _require_all_classes(parts.training)
    backend = choose_backend(config.backend, fast=True)
    check_processes(processes, backend, config.batch_size, config.schedule)
    from training.learning.fit import begin, fit

    network = begin(config, parts.training)
    record = RunRecord(
        command, config, network.name, network.count_params(), backend, data.classes, data.size,
        data.channels, DataRecord.of(data, parts), versions(),
    )  # fmt: skip
    if resume:
        _require_same_run(run, record)
    if processes.first and kept is None:
        run.write_parts(data, parts)
    history = fit(network, record, parts, run, processes, resume)
    if processes.first:
        record = replace(record, metrics=summary(history), history=history)
        run.write_record(record)
    return record


def _choose(data: Dataset, config: TrainConfig) -> tuple[Dataset, Parts]:
    return given_parts(config.parts, data) if config.parts else select(data, config)


def _require_all_classes(training: Dataset) -> None:
    empty = [name for name, count in training.counts().items() if not count]
    if empty:
        raise DataError(
            f'no training pictures of {", ".join(empty)}: add some, or leave the class out'
        )


def _require_same_run(run: Run, record: RunRecord) -> None:
    before = run.read_record()
    for what, old, new in (
        ('data', before.data.sha256, record.data.sha256),
        ('architecture', before.architecture, record.architecture),
    ):
        if new != old:
            raise TrainingError(
                f'{run.folder} cannot be resumed: its {what} was {old}, now it is {new}'
            )

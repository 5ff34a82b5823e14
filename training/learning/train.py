"""A training run, from the data to the record."""

from __future__ import annotations

from dataclasses import replace

from fer_ros.core.models import ModelCard
from fer_ros.core.models.card import CARD_FILE
from training.base.backend import choose_backend, versions
from training.data.dataset import Dataset
from training.data.open import DataOptions
from training.data.prepare import Parts
from training.errors import DataError, TrainingError
from training.learning.config import TrainConfig
from training.learning.history import summary
from training.learning.parts import given_parts, open_run_data, select
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
    """Train, and write a folder with record, log, curves, checkpoint and the best network.

    Args:
        config: of the run.
        run: its folder.
        processes: the number of this process, and of all processes. Only the first one writes.
        resume: continue after the last complete epoch of the run.
        command: for the record.

    Returns:
        The record.

    Raises:
        TrainingError: the folder already contains a run, or one that cannot be resumed; the
            options do not match the network; or the loss is not finite.
        DataError: the data cannot be read, or has no pictures of a class.
    """
    if run.begun and not resume:
        raise TrainingError(
            f'{run.folder} already contains a run: add --resume to continue it, or choose '
            'another --out'
        )
    config = _in_size_of_init(config)
    data = open_run_data(config)
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


def _in_size_of_init(config: TrainConfig) -> TrainConfig:
    """Read pictures in the size of the initial network, if no other size is requested."""
    if config.init is None or config.data.size != DataOptions.size:
        return config
    if Run(config.init).begun:
        size = Run(config.init).read_record().size
    elif (config.init / CARD_FILE).is_file():
        size = ModelCard.read(config.init).crop_spec.size
    else:
        return config
    return replace(config, data=replace(config.data, size=size))


def _choose(data: Dataset, config: TrainConfig) -> tuple[Dataset, Parts]:
    return given_parts(config.parts, data) if config.parts else select(data, config)


def _require_all_classes(training: Dataset) -> None:
    empty = [name for name, count in training.counts().items() if not count]
    if empty:
        raise DataError(
            f'there are no training pictures of {", ".join(empty)}: add some, or remove the class'
        )


def _require_same_run(run: Run, record: RunRecord) -> None:
    before = run.read_record()
    for what, old, new in (
        ('data', before.data.sha256, record.data.sha256),
        ('architecture', before.architecture, record.architecture),
    ):
        if new != old:
            raise TrainingError(
                f'{run.folder} cannot be resumed, because its {what} was {old} and is now {new}: '
                'use the same value, or another --out'
            )

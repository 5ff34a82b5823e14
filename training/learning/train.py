"""A training run, from the data to the record."""

from __future__ import annotations

import os
from contextlib import nullcontext
from dataclasses import replace

from fer_ros.core.models import ModelCard
from fer_ros.core.models.card import CARD_FILE
from training.base.backend import choose_backend, versions
from training.data.dataset import TEST, Dataset
from training.data.open import print_skipped
from training.data.prepare import Parts
from training.errors import DataError, TrainingError
from training.learning.config import TrainConfig
from training.learning.history import summary
from training.learning.parts import given_parts, open_run_data, select
from training.learning.processes import Processes, check_processes
from training.learning.record import DataRecord, RunRecord
from training.learning.run import Run
from training.zoo import made_for


def train(
    config: TrainConfig,
    run: Run,
    processes: Processes,
    resume: bool = False,
    command: str = '',
) -> RunRecord:
    """Train, and write a folder with record, log, curves, checkpoint and the best network.

    Args:
        config: Configuration of the run.
        run: Its folder.
        processes: The number of this process, and of all processes. Only the first one writes.
        resume: Continue after the last complete epoch of the run.
        command: For the record.

    Returns:
        The record.

    Raises:
        TrainingError: The folder already contains a run, or one that cannot be resumed; the
            options do not match the network; or the loss is not finite.
        DataError: The data cannot be read, or has no pictures of a class.
    """
    resume = _continues(run, resume)
    _require_models(config)
    config = _in_size_of_network(config)
    data = open_run_data(config)
    config = replace(config, data=replace(config.data, size=data.size, channels=data.channels))
    print_skipped(data)
    if config.augment.saturation and data.channels == 'gray':
        raise TrainingError(
            '--saturation has no effect on gray pictures: remove it, or read pictures in colour '
            'with --channels rgb'
        )
    kept = run.read_parts(data) if resume else None
    with processes.first_alone():
        data, parts = kept or _choose(data, config)
    _require_pictures(parts, config)
    print(_amounts(parts))
    backend = choose_backend(config.backend, fast=True)
    check_processes(processes, backend, config.batch_size, config.schedule)
    from training.learning.fit import begin, fit

    network = begin(config, parts.training)
    record = RunRecord(
        command, config, network.name, network.count_params(), backend, data.classes, data.size,
        data.channels, DataRecord.of(data, parts), versions(),
    )  # fmt: skip
    with run.locked() if processes.first else nullcontext():
        if resume:
            _require_same_run(run, record)
        elif processes.first:
            _require_new(run)
        if processes.first and kept is None:
            run.write_parts(data, parts)
        history = fit(network, record, parts, run, processes, resume)
        if processes.first:
            record = replace(record, metrics=summary(history, config.keep_last), history=history)
            run.write_record(record)
    return record


def _continues(run: Run, resume: bool) -> bool:
    """Return whether a run continues. Raises TrainingError if it would replace another one."""
    if not resume:
        _require_new(run)
    elif not run.begun:
        print(f'{run.folder} has no complete epoch yet: the run starts now')
    return run.begun


def _require_new(run: Run) -> None:
    if run.begun:
        raise TrainingError(
            f'{run.folder} already contains a run: add --resume to continue it, or choose '
            'another --out'
        )


def _require_models(config: TrainConfig) -> None:
    """Raise TrainingError if a model does not exist. The search for copies takes long."""
    for option, paths in (
        ('--init', (config.init,)), ('--teacher', config.teacher), ('--relabel', config.relabel)
    ):  # fmt: skip
        for path in paths:
            if path and not os.path.exists(path):
                raise TrainingError(f'{option}: {path} does not exist: check the path')


def _in_size_of_network(config: TrainConfig) -> TrainConfig:
    """Read pictures in the size of --init or --model, if no other size is requested."""
    if config.data.size is not None:
        return config
    init, size, network = config.init, None, str(config.init or config.model)
    if init and Run(init).begun:
        size = Run(init).read_record().size
    elif init and (init / CARD_FILE).is_file():
        size = ModelCard.read(init).crop_spec.size
    elif config.model and not (init and init.suffix == '.keras'):
        network = config.model
        size, _ = made_for(config.model) or (None, None)
    if size is None:
        return config
    print(f'the pictures have {size} pixels, as for {network} (--size selects another size)')
    return replace(config, data=replace(config.data, size=size))


def _choose(data: Dataset, config: TrainConfig) -> tuple[Dataset, Parts]:
    if config.parts:
        return given_parts(config.parts, data)
    return _parts_of_init(data, config) or select(data, config)


def _parts_of_init(data: Dataset, config: TrainConfig) -> tuple[Dataset, Parts] | None:
    """Return the parts of the run of the initial weights, if it has the same data.

    With other parts, the network would be evaluated on pictures that it was trained on. If some of
    the data is the same, this is printed.

    Raises:
        TrainingError: --test reserves pictures that the network was trained on.
    """
    if not config.init or config.everything:
        return None
    run = Run(config.init if config.init.is_dir() else config.init.parent)
    if not run.begun:
        return None
    before = run.read_record().config
    found = None if before.everything else run.read_parts(data)
    if found is None:
        common = set(before.data.sources) & set(config.data.sources)
        if common:
            print(
                f'warning: {run.folder} was trained on pictures of {", ".join(sorted(common))}, '
                'so the figures on development pictures are too high'
            )
        return None
    if config.test and not (found[0].splits == TEST).any():
        raise TrainingError(
            f'--test would reserve pictures that {run.folder} was trained on: remove --test, or '
            'train that run again with --test'
        )
    print(
        f'the pictures for training and evaluation are those of {run.folder}, so that the network '
        'is not evaluated on pictures that it was trained on'
    )
    return found


def _require_pictures(parts: Parts, config: TrainConfig) -> None:
    """Raise an error if training, or the choice of an epoch, lacks pictures."""
    empty = [name for name, count in parts.training.counts().items() if not count]
    if empty:
        removed = sum(parts.removed.values())
        raise DataError(
            f'there are no training pictures of {", ".join(empty)}: add some, or remove the class'
            + (f' ({_removed(parts)}; inspect shows the copies)' if removed else '')
        )
    if config.patience and parts.development is None:
        raise TrainingError(
            '--patience needs development pictures: remove it, or use --development above 0'
        )


def _amounts(parts: Parts) -> str:
    """Return the numbers of pictures as text."""
    development = len(parts.development) if parts.development else 0
    return (
        f'{len(parts.training)} training pictures, {development} development pictures; '
        f'{_removed(parts)}'
    )


def _removed(parts: Parts) -> str:
    reasons = [f'{n} {reason.replace("_", " ")}' for reason, n in parts.removed.items() if n]
    return f'removed: {", ".join(reasons) or "none"}'


#: Settings that a resumed run can change without an effect on earlier epochs.
CHANGEABLE = {'data', 'epochs', 'patience', 'max_minutes', 'backend', 'tensorboard'}


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
    changed = changed_settings(before.config, record.config)
    if changed:
        print(f'warning: settings of the earlier epochs were different: {", ".join(changed)}')


def changed_settings(before: TrainConfig, now: TrainConfig) -> list[str]:
    """Return the settings that change what a run learns, with both values."""
    first = before.to_json()
    return [
        f'{name} {first.get(name)} -> {value}'
        for name, value in now.to_json().items()
        if name not in CHANGEABLE and value != first.get(name)
    ]

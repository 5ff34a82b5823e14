"""Train a model of the zoo, or fine-tune one, on labelled faces."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from contextlib import ExitStack, redirect_stdout
from pathlib import Path
from typing import Any

from training.base.backend import choose_backend, versions
from training.base.files import write_json
from training.commands.options import data_options
from training.commands.train_options import DEFAULT_MODEL, add_arguments
from training.data.dataset import Dataset
from training.data.open import open_data
from training.data.prepare import Parts
from training.errors import DataError, TrainingError
from training.learning.parts import given_parts, keep_parts, kept_parts, select
from training.learning.processes import Processes, check_processes, processes_of
from training.learning.record import RECORD, read_record

__all__ = ['add_arguments', 'run']


def run(options: argparse.Namespace) -> None:
    """Train, and leave a run folder with record, log, curves, checkpoints and the best model."""
    processes = processes_of()
    _check(options)
    with ExitStack() as stack:
        stack.enter_context(processes.connected())
        processes.wait()
        if not processes.first:
            stack.enter_context(redirect_stdout(stack.enter_context(open(os.devnull, 'w'))))
        _run(options, processes)


def _run(options: argparse.Namespace, processes: Processes) -> None:
    data = open_data(data_options(options))
    for line in data.skipped:
        print(f'skipped {line}')
    kept = kept_parts(options.out, data) if options.resume else None
    chosen = kept or (given_parts(options.parts, data) if options.parts else None)
    with processes.first_alone():
        data, parts = chosen or select(
            data,
            options.copies,
            options.test,
            options.development,
            options.seed,
            options.keep_repeats,
        )
    _require_all_classes(parts.training)
    backend = choose_backend(options.backend, fast=True)
    check_processes(processes, backend, options.batch_size, options.schedule)
    record = _new_record(options, data, parts, backend)
    if options.resume:
        _require_same_run(options.out, record)
    if kept is None and processes.first:
        keep_parts(options.out, data, parts)
    from training.learning.fit import fit

    history = fit(options, parts, record, processes)
    if not processes.first:
        return
    record['metrics'] = summary(history)
    record['history'] = history
    write_json(options.out / RECORD, record)
    print(', '.join(f'{name} {value:.4g}' for name, value in record['metrics'].items()))


def summary(history: list[dict[str, float]]) -> dict[str, float]:
    """Return the figures of the epoch that was kept: the best one, or the last without any."""
    kept = history[-1]
    if 'development_accuracy' in kept:
        kept = max(
            history, key=lambda row: (row['development_accuracy'], -row['development_loss'])
        )
    return {'epochs': len(history), 'kept_epoch': kept['epoch']} | {
        name: value for name, value in kept.items() if name not in ('epoch', 'seconds', 'rate')
    }


def _check(options: argparse.Namespace) -> None:
    """Refuse what cannot be meant, before anything slow begins."""
    if options.freeze and not options.init:
        raise TrainingError('--freeze keeps what --init brings; give --init too')
    if not options.resume and (options.out / RECORD).exists():
        raise TrainingError(
            f'{options.out} already holds a run; go on with it by --resume, or choose another '
            '--out'
        )
    for name, default, needed in (
        ('distill_share', 0.5, 'teacher'),
        ('distill_temperature', 3.0, 'teacher'),
        ('relabel_share', 0.5, 'relabel'),
        ('relabel_copies', 0, 'relabel'),
    ):
        if getattr(options, name) != default and not getattr(options, needed):
            raise TrainingError(f'--{name.replace("_", "-")} does nothing without --{needed}')
    for name in ('epochs', 'batch_size', 'rate'):
        if getattr(options, name) <= 0:
            raise TrainingError(f'--{name.replace("_", "-")} must be above 0')


def _require_all_classes(training: Dataset) -> None:
    empty = [name for name, count in training.counts().items() if not count]
    if empty:
        raise DataError(
            f'no training pictures of {", ".join(empty)}: add some, or leave the class out'
        )


def _require_same_run(run: Path, record: dict[str, Any]) -> None:
    before = read_record(run)
    for what, old, new in (
        ('data', before['data']['sha256'], record['data']['sha256']),
        ('architecture', before['architecture'], record['architecture']),
    ):
        if new not in (None, old):
            raise TrainingError(f'{run} cannot be resumed: its {what} was {old}, now it is {new}')


def _new_record(
    options: argparse.Namespace, data: Dataset, parts: Parts, backend: str
) -> dict[str, Any]:
    arguments = {
        key: [str(v) if isinstance(v, Path) else v for v in value]
        if isinstance(value, list)
        else (str(value) if isinstance(value, Path) else value)
        for key, value in vars(options).items()
        if key not in ('execute', 'command')
    }
    return {
        'command': 'python -m training ' + shlex.join(sys.argv[1:]),
        'arguments': arguments,
        'architecture': options.model or (None if options.init else DEFAULT_MODEL),
        'backend': backend,
        'classes': list(data.classes),
        'size': data.size,
        'channels': data.channels,
        'data': {
            'sha256': data.fingerprint(),
            'training': parts.training.counts(),
            'development': parts.development.counts() if parts.development else {},
            'removed': parts.removed,
            'unreadable': len(data.skipped),
        },
        'versions': versions(),
    }

"""The part of `train` that needs Keras: build, compile, run the epochs."""

from __future__ import annotations

import argparse
from dataclasses import fields
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from training.base.files import write_json
from training.data.augment import AugmentConfig
from training.data.dataset import Dataset
from training.data.prepare import Parts
from training.errors import TrainingError
from training.learning.batches import Batches
from training.learning.callbacks import (
    LAST,
    AgreeToStop,
    AverageStatistics,
    EpochBegin,
    EpochEnd,
    Progress,
    StopAtNan,
)
from training.learning.checkpoint import load_checkpoint
from training.learning.losses import balanced_weights, logit_offsets, soft_targets
from training.learning.networks import load_teacher, starting_network, use_mixed_precision
from training.learning.processes import Processes
from training.learning.rates import rate_factors, with_factors
from training.learning.record import RECORD
from training.learning.relabel import ChangedCopies, relabel
from training.learning.schedules import create_schedule
from training.learning.trainer import Trainer

JUDGE_BATCH = 256
OPTIMIZERS = {
    'adam': keras.optimizers.Adam,
    'adamw': keras.optimizers.AdamW,
    'sgd': keras.optimizers.SGD,
}


def fit(
    options: argparse.Namespace, parts: Parts, record: dict[str, Any], processes: Processes
) -> list[dict[str, float]]:
    """Train as the options say; return one row of figures per epoch (in the first process)."""
    keras.utils.set_random_seed(options.seed)
    _share_devices(options.devices, options.batch_size)
    network = starting_network(options, parts.training)
    record['architecture'], record['parameters'] = network.name, network.count_params()
    if options.mixed_precision:
        use_mixed_precision(network)
    trainer = Trainer(
        network,
        l2=options.l2,
        teachers=[load_teacher(path, parts.training) for path in options.teacher],
        distill_share=options.distill_share,
        distill_temperature=options.distill_temperature,
        logit_offsets=_logit_offsets(options, parts.training),
    )
    trainer.build((None, *network.input_shape[1:]))
    with processes.first_alone():
        batches = _training_batches(options, parts.training, processes)
    _compile(trainer, options, len(batches))
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = limited_momentum(layer.momentum, len(batches) / 4)
    history: list[dict[str, float]] = []
    if options.resume and (options.out / LAST).exists():
        history = load_checkpoint(options.out / LAST, trainer, trainer.optimizer)['history']
    processes.share_gradients(trainer)
    if processes.first:
        write_json(options.out / RECORD, record)
    trainer.fit(
        batches,
        initial_epoch=len(history),
        epochs=options.epochs,
        shuffle=False,  # Batches shuffles, by epoch, so that a resumed run sees the same
        verbose=0,
        callbacks=_callbacks(options, parts.development, history, batches, processes),
    )
    if not history and processes.first:
        raise TrainingError('no epoch was run: --epochs is reached already')
    return history


def _training_batches(options: argparse.Namespace, data: Dataset, processes: Processes) -> Batches:
    config = AugmentConfig(**{f.name: getattr(options, f.name) for f in fields(AugmentConfig)})
    weights = balanced_weights(data.labels, len(data.classes)) if options.class_weights else None
    targets = soft_targets(data, options.votes)
    copies = None
    if options.relabel_copies:
        copies = ChangedCopies(
            data, targets, config, options.relabel, options.relabel_share,
            options.relabel_copies, options.seed,
        )  # fmt: skip
        config = AugmentConfig.mirrored_only(config.flip)
    elif options.relabel:
        targets = relabel(targets, data, options.relabel, options.relabel_share)
    share = (processes.rank, processes.count)
    return Batches(data, targets, options.batch_size, config, weights, options.seed, share, copies)


def _logit_offsets(options: argparse.Namespace, data: Dataset) -> NDArray[np.float32] | None:
    if not options.balance:
        return None
    return logit_offsets(data.labels, len(data.classes), options.balance)


def _compile(trainer: Trainer, options: argparse.Namespace, steps: int) -> None:
    shared = {
        'learning_rate': create_schedule(
            options.schedule, options.rate, options.epochs, steps, options.warmup
        ),
        'weight_decay': options.weight_decay or (0.0 if options.optimizer == 'adamw' else None),
        'use_ema': options.ema > 0,
        'ema_momentum': limited_momentum(options.ema or 0.99, steps),
    }
    kind = OPTIMIZERS[options.optimizer]
    if options.rate_decay != 1:
        kind = with_factors(kind, rate_factors(trainer.network, options.rate_decay))
    if options.optimizer == 'sgd':
        shared |= {'momentum': 0.9, 'nesterov': True}
    optimizer = kind(**shared)
    if options.optimizer == 'adamw':
        optimizer.exclude_from_weight_decay(var_names=['gamma', 'beta', 'bias'])
    loss = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=options.label_smoothing
    )
    # XLA on CPUs was measured several times slower than the backends' own kernels.
    jit = keras.backend.backend() == 'jax'
    trainer.compile(optimizer, loss, metrics=['accuracy'], jit_compile=jit)
    optimizer.build(trainer.trainable_variables)


def limited_momentum(momentum: float, steps: float) -> float:
    """Return the momentum of a moving average that reaches back twice as many steps at most.

    With a few hundred pictures an epoch has few steps, and the usual momentum would keep
    averages at their random beginning for the whole run.
    """
    return min(momentum, 1 - 1 / (2 * max(steps, 1)))


def _callbacks(
    options: argparse.Namespace,
    development: Dataset | None,
    history: list[dict[str, float]],
    batches: Batches,
    processes: Processes,
) -> list[keras.callbacks.Callback]:
    judge = None if development is None else _judging_batches(development, options.devices)
    chosen: list[keras.callbacks.Callback] = [
        StopAtNan(),
        EpochBegin(batches, history, options.rate if options.schedule == 'plateau' else None),
        AverageStatistics(processes),
    ]
    if processes.first:
        chosen += [
            Progress(options.epochs, len(batches), len(history)),
            EpochEnd(options.out, judge, history, options.patience, options.max_minutes * 60),
        ]
    chosen.append(AgreeToStop(processes))
    if options.tensorboard and processes.first:
        try:
            chosen.append(keras.callbacks.TensorBoard(str(options.out / 'tensorboard')))
        except ImportError as error:
            raise TrainingError(f'--tensorboard needs tensorboard: {error}') from error
    return chosen


def _judging_batches(data: Dataset, devices: int) -> Batches:
    """Return development data in order; devices share each batch evenly, so a few may be left."""
    even = data.subset(np.arange(len(data) - len(data) % devices))
    return Batches(even, soft_targets(even), JUDGE_BATCH // devices * devices)


def _share_devices(count: int, batch_size: int) -> None:
    """Split each batch over several devices."""
    if count < 2:
        return
    if batch_size % count:
        raise TrainingError(f'--batch-size {batch_size} is not a multiple of --devices {count}')
    if keras.backend.backend() != 'jax':
        raise TrainingError('--devices above 1 needs the jax backend; add --backend jax')
    devices = keras.distribution.list_devices()
    if len(devices) < count:
        raise TrainingError(f'--devices {count}, but there are only {len(devices)}: {devices}')
    keras.distribution.set_distribution(keras.distribution.DataParallel(devices=devices[:count]))

"""The part of `train` that needs Keras: build, compile, run the epochs."""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import NDArray

from training.data.augment import AugmentConfig
from training.data.dataset import Dataset
from training.data.prepare import Parts
from training.errors import TrainingError
from training.learning.batches import Batches
from training.learning.callbacks import (
    AgreeToStop,
    AverageStatistics,
    EpochBegin,
    EpochEnd,
    Progress,
    StopAtNan,
)
from training.learning.checkpoint import load_checkpoint
from training.learning.config import TrainConfig
from training.learning.losses import balanced_weights, logit_offsets, soft_targets
from training.learning.networks import load_teacher, starting_network, use_mixed_precision
from training.learning.processes import Processes
from training.learning.rates import rate_factors, with_factors
from training.learning.record import RunRecord
from training.learning.relabel import ChangedCopies, relabel
from training.learning.run import Run
from training.learning.schedules import create_schedule
from training.learning.trainer import Trainer

JUDGE_BATCH = 256
OPTIMIZERS = {
    'adam': keras.optimizers.Adam,
    'adamw': keras.optimizers.AdamW,
    'sgd': keras.optimizers.SGD,
}


def begin(config: TrainConfig, data: Dataset) -> keras.Model:
    """Set seed and devices, and return the network that training begins with."""
    keras.utils.set_random_seed(config.seed)
    _share_devices(config.devices, config.batch_size)
    return starting_network(config, data)


def fit(
    network: keras.Model,
    record: RunRecord,
    parts: Parts,
    run: Run,
    processes: Processes,
    resume: bool = False,
) -> list[dict[str, float]]:
    """Train a network as the configuration of its record asks for.

    Args:
        network: as begin() returns it; it is changed.
        record: what the run is; written once the first epoch can begin.
        parts: what is learned from and judged on.
        run: its folder, which gets checkpoint, log, curves and the best network.
        processes: which of how many processes this is.
        resume: go on after the checkpoint, where there is one.

    Returns:
        One row of figures for each epoch (in the first process).

    Raises:
        TrainingError: a teacher does not fit, the checkpoint is of another network, or the loss
            is no longer finite.
    """
    config = record.config
    if config.mixed_precision:
        use_mixed_precision(network)
    trainer = Trainer(
        network,
        l2=config.l2,
        teachers=[load_teacher(path, parts.training) for path in config.teacher],
        distill_share=config.distill_share,
        distill_temperature=config.distill_temperature,
        logit_offsets=_logit_offsets(config, parts.training),
    )
    trainer.build((None, *network.input_shape[1:]))
    with processes.first_alone():
        batches = _training_batches(config, parts.training, processes)
    _compile(trainer, config, len(batches))
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = limited_momentum(layer.momentum, len(batches) / 4)
    history: list[dict[str, float]] = []
    if resume and run.checkpoint.exists():
        history = load_checkpoint(run.checkpoint, trainer, trainer.optimizer)['history']
    processes.share_gradients(trainer)
    if processes.first:
        run.write_record(record)
    trainer.fit(
        batches,
        initial_epoch=len(history),
        epochs=config.epochs,
        shuffle=False,  # Batches shuffles, by epoch, so that a resumed run sees the same
        verbose=0,
        callbacks=_callbacks(config, run, parts.development, history, batches, processes),
    )
    if not history and processes.first:
        raise TrainingError('no epoch was run: --epochs is reached already')
    return history


def _training_batches(config: TrainConfig, data: Dataset, processes: Processes) -> Batches:
    augment = config.augment
    weights = balanced_weights(data.labels, len(data.classes)) if config.class_weights else None
    targets = soft_targets(data, config.votes)
    copies = None
    if config.relabel_copies:
        copies = ChangedCopies(
            data, targets, augment, config.relabel, config.relabel_share,
            config.relabel_copies, config.seed,
        )  # fmt: skip
        augment = AugmentConfig.mirrored_only(augment.flip)
    elif config.relabel:
        targets = relabel(targets, data, config.relabel, config.relabel_share)
    share = (processes.rank, processes.count)
    return Batches(data, targets, config.batch_size, augment, weights, config.seed, share, copies)


def _logit_offsets(config: TrainConfig, data: Dataset) -> NDArray[np.float32] | None:
    if not config.balance:
        return None
    return logit_offsets(data.labels, len(data.classes), config.balance)


def _compile(trainer: Trainer, config: TrainConfig, steps: int) -> None:
    shared = {
        'learning_rate': create_schedule(
            config.schedule, config.rate, config.epochs, steps, config.warmup
        ),
        'weight_decay': config.weight_decay or (0.0 if config.optimizer == 'adamw' else None),
        'use_ema': config.ema > 0,
        'ema_momentum': limited_momentum(config.ema or 0.99, steps),
    }
    kind = OPTIMIZERS[config.optimizer]
    if config.rate_decay != 1:
        kind = with_factors(kind, rate_factors(trainer.network, config.rate_decay))
    if config.optimizer == 'sgd':
        shared |= {'momentum': 0.9, 'nesterov': True}
    optimizer = kind(**shared)
    if config.optimizer == 'adamw':
        optimizer.exclude_from_weight_decay(var_names=['gamma', 'beta', 'bias'])
    loss = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=config.label_smoothing
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
    config: TrainConfig,
    run: Run,
    development: Dataset | None,
    history: list[dict[str, float]],
    batches: Batches,
    processes: Processes,
) -> list[keras.callbacks.Callback]:
    judge = None if development is None else _judging_batches(development, config.devices)
    chosen: list[keras.callbacks.Callback] = [
        StopAtNan(),
        EpochBegin(batches, history, config.rate if config.schedule == 'plateau' else None),
        AverageStatistics(processes),
    ]
    if processes.first:
        chosen += [
            Progress(config.epochs, len(batches), len(history)),
            EpochEnd(run, judge, history, config.patience, config.max_minutes * 60),
        ]
    chosen.append(AgreeToStop(processes))
    if config.tensorboard and processes.first:
        try:
            chosen.append(keras.callbacks.TensorBoard(str(run.tensorboard)))
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

"""The part of `train` that needs Keras: build, compile, run the epochs."""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import NDArray

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

EVALUATION_BATCH = 256
KERAS_OPTIMIZERS = {
    'adam': keras.optimizers.Adam,
    'adamw': keras.optimizers.AdamW,
    'sgd': keras.optimizers.SGD,
}


def begin(config: TrainConfig, data: Dataset) -> keras.Model:
    """Set the seed and the devices, and return the initial network."""
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
    """Train a network according to the configuration in its record.

    Args:
        network: From begin(); it is changed.
        record: Record of the run; written when the first epoch starts.
        parts: The training and evaluation data.
        run: Its folder, for checkpoint, log, curves and the best network.
        processes: The number of this process, and of all processes.
        resume: Continue after the checkpoint, if there is one.

    Returns:
        One row of figures for each epoch (in the first process).

    Raises:
        TrainingError: A teacher does not fit, the checkpoint belongs to another network, or the
            loss is not finite.
    """
    config = record.config
    if config.mixed_precision:
        use_mixed_precision(network)
    trainer = _create_trainer(network, config, parts.training)
    with processes.first_alone():
        batches = _training_batches(config, parts.training, processes)
    _compile(trainer, config, len(batches))
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
        shuffle=False,  # Batches shuffles by epoch, so that a resumed run has the same order.
        verbose=0,
        callbacks=_callbacks(config, run, parts.development, history, batches, processes),
    )
    if not history and processes.first:
        raise TrainingError(
            'no epoch was run, because --epochs is already reached: increase --epochs'
        )
    return history


def _create_trainer(network: keras.Model, config: TrainConfig, data: Dataset) -> Trainer:
    trainer = Trainer(
        network,
        l2=config.l2,
        teachers=[load_teacher(path, data) for path in config.teacher],
        distill_share=config.distill_share,
        distill_temperature=config.distill_temperature,
        logit_offsets=_logit_offsets(config, data),
    )
    trainer.build((None, *network.input_shape[1:]))
    return trainer


def _training_batches(config: TrainConfig, data: Dataset, processes: Processes) -> Batches:
    augment = config.augment
    weights = balanced_weights(data.labels, len(data.classes)) if config.class_weights else None
    targets = soft_targets(data, config.votes)
    copies = None
    if config.relabel_copies:
        copies = ChangedCopies(
            data, targets, augment.before_labelling(), config.relabel, config.relabel_share,
            config.relabel_copies, config.seed,
        )  # fmt: skip
        augment = augment.after_labelling()
    elif config.relabel:
        targets = relabel(targets, data, config.relabel, config.relabel_share)
    share = (processes.rank, processes.count)
    return Batches(data, targets, config.batch_size, augment, weights, config.seed, share, copies)


def _logit_offsets(config: TrainConfig, data: Dataset) -> NDArray[np.float32] | None:
    if not config.balance:
        return None
    return logit_offsets(data.labels, len(data.classes), config.balance)


def _compile(trainer: Trainer, config: TrainConfig, steps: int) -> None:
    """Add optimizer and loss. Moving averages are limited to the `steps` of an epoch."""
    shared = {
        'learning_rate': create_schedule(
            config.schedule, config.rate, config.epochs, steps, config.warmup
        ),
        'weight_decay': config.weight_decay or (0.0 if config.optimizer == 'adamw' else None),
        'use_ema': config.ema > 0,
        'ema_momentum': limited_momentum(config.ema or 0.99, steps),
    }
    kind = _optimizer_kind(config, trainer.network)
    if config.optimizer == 'sgd':
        shared |= {'momentum': 0.9, 'nesterov': True}
    optimizer = kind(**shared)
    if config.optimizer == 'adamw':
        optimizer.exclude_from_weight_decay(var_names=['gamma', 'beta', 'bias'])
    loss = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=config.label_smoothing
    )
    # On CPUs, XLA was several times slower than the kernels of the backends.
    jit = keras.backend.backend() == 'jax'
    trainer.compile(optimizer, loss, metrics=['accuracy'], jit_compile=jit)
    optimizer.build(trainer.trainable_variables)
    for layer in trainer.network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = limited_momentum(layer.momentum, steps / 4)


def _optimizer_kind(config: TrainConfig, network: keras.Model) -> type[keras.optimizers.Optimizer]:
    kind = KERAS_OPTIMIZERS[config.optimizer]
    factors = rate_factors(network, config.rate_decay)
    if keras.backend.backend() == 'torch':
        from training.learning.torch_optimizer import store_channels_last, with_torch_steps

        store_channels_last(network.variables)
        return with_torch_steps(kind, factors)
    return kind if config.rate_decay == 1 else with_factors(kind, factors)


def limited_momentum(momentum: float, steps: float) -> float:
    """Return the momentum of a moving average that includes at most twice as many steps.

    With a few hundred pictures, an epoch has few steps. The usual momentum would keep averages
    near their random start for the whole run.
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
    evaluation = None if development is None else _evaluation_batches(development, config.devices)
    chosen: list[keras.callbacks.Callback] = [
        StopAtNan(),
        EpochBegin(batches, history, config.rate if config.schedule == 'plateau' else None),
        AverageStatistics(processes),
    ]
    if processes.first:
        chosen += [
            EpochEnd(
                run,
                evaluation,
                history,
                config.keep_last,
                config.patience,
                config.max_minutes * 60,
            ),
            Progress(config.epochs, len(batches), history),
        ]
    chosen.append(AgreeToStop(processes))
    if config.tensorboard and processes.first:
        try:
            chosen.append(keras.callbacks.TensorBoard(str(run.tensorboard)))
        except ImportError as error:
            raise TrainingError(
                f'--tensorboard needs the package tensorboard ({error}): install it, or remove '
                '--tensorboard'
            ) from error
    return chosen


def _evaluation_batches(data: Dataset, devices: int) -> Batches:
    """Return development data in order.

    Devices share each batch evenly, so a few pictures can be omitted.
    """
    even = data.subset(np.arange(len(data) - len(data) % devices))
    return Batches(even, soft_targets(even), EVALUATION_BATCH // devices * devices)


def _share_devices(count: int, batch_size: int) -> None:
    """Split each batch over several devices."""
    if count < 2:
        return
    if batch_size % count:
        raise TrainingError(f'--batch-size {batch_size} must be a multiple of --devices {count}')
    if keras.backend.backend() != 'jax':
        raise TrainingError('--devices above 1 needs the jax backend: add --backend jax')
    devices = keras.distribution.list_devices()
    if len(devices) < count:
        raise TrainingError(
            f'--devices is {count}, but only {len(devices)} are available: {devices}'
        )
    keras.distribution.set_distribution(keras.distribution.DataParallel(devices=devices[:count]))

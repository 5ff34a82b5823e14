"""The course of the learning rate over a run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import keras
from keras import ops

#: Factor of the rate for each epoch of the exponential schedule.
EPOCH_DECAY = 0.95
#: Factor of the rate in the plateau schedule, and number of epochs without progress before it.
PLATEAU_FACTOR = 0.3
PLATEAU_PATIENCE = 6


@keras.saving.register_keras_serializable(package='fer_ros')
class WarmCosine(keras.optimizers.schedules.LearningRateSchedule):
    """Rises linearly to `rate` over `warmup` steps, then falls as half a cosine to 0."""

    def __init__(self, rate: float, steps: int, warmup: int = 0) -> None:
        super().__init__()
        self.rate, self.steps, self.warmup = rate, steps, warmup

    def __call__(self, step: keras.KerasTensor) -> keras.KerasTensor:
        """Return the rate at a step."""
        step = ops.cast(step, 'float32')
        rise = (step + 1) / max(self.warmup, 1)
        done = (step - self.warmup) / max(self.steps - self.warmup, 1)
        fall = 0.5 * (1 + ops.cos(math.pi * ops.clip(done, 0.0, 1.0)))
        return self.rate * ops.where(step < self.warmup, rise, fall)

    def get_config(self) -> dict[str, float]:
        """Return the arguments that create the same schedule."""
        return {'rate': self.rate, 'steps': self.steps, 'warmup': self.warmup}


def plateau_rate(rate: float, history: Sequence[Mapping[str, float]]) -> float:
    """Return the rate after these epochs. It falls after PLATEAU_PATIENCE epochs without progress.

    Progress is a lower loss on the development data, or on the training data if there is none.
    """
    lowest, waited = math.inf, 0
    for row in history:
        loss = row.get('development_loss', row.get('loss', math.inf))
        if loss < lowest:
            lowest, waited = loss, 0
            continue
        waited += 1
        if waited == PLATEAU_PATIENCE:
            rate, waited = rate * PLATEAU_FACTOR, 0
    return rate


def create_schedule(
    name: str, rate: float, epochs: int, steps_per_epoch: int, warmup_epochs: float
) -> float | keras.optimizers.schedules.LearningRateSchedule:
    """Return the rate for an optimizer. 'plateau' and 'constant' start as a number."""
    if name == 'cosine':
        return WarmCosine(rate, epochs * steps_per_epoch, round(warmup_epochs * steps_per_epoch))
    if name == 'exponential':
        return keras.optimizers.schedules.ExponentialDecay(
            rate, decay_steps=steps_per_epoch, decay_rate=EPOCH_DECAY, staircase=True
        )
    return rate

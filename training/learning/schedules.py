"""How the learning rate goes over a run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import keras
from keras import ops

#: Share of the rate that is left after each epoch of the exponential schedule.
EPOCH_DECAY = 0.95
#: The plateau schedule multiplies the rate by this after so many epochs without progress.
PLATEAU_FACTOR = 0.3
PLATEAU_PATIENCE = 6


@keras.saving.register_keras_serializable(package='fer_ros')
class WarmCosine(keras.optimizers.schedules.LearningRateSchedule):
    """Rise linearly over `warmup` steps to `rate`, then fall by half a cosine to 0 at `steps`."""

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
        """Return the arguments that make the same schedule."""
        return {'rate': self.rate, 'steps': self.steps, 'warmup': self.warmup}


def plateau_rate(rate: float, history: Sequence[Mapping[str, float]]) -> float:
    """Return the rate after these epochs: less after each PLATEAU_PATIENCE without a lower loss.

    Judged by development loss, or by training loss where there is none.
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
    """Return what an optimizer takes as its rate; 'plateau' and 'constant' start as a number."""
    if name == 'cosine':
        return WarmCosine(rate, epochs * steps_per_epoch, round(warmup_epochs * steps_per_epoch))
    if name == 'exponential':
        return keras.optimizers.schedules.ExponentialDecay(
            rate, decay_steps=steps_per_epoch, decay_rate=EPOCH_DECAY, staircase=True
        )
    return rate

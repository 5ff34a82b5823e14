"""Callbacks during and after each epoch: evaluation, checkpoints, logs and stopping."""

from __future__ import annotations

import math
import sys
import time

import keras
from keras import ops
from tqdm import tqdm

from training.errors import TrainingError
from training.learning.batches import Batches
from training.learning.checkpoint import save_checkpoint
from training.learning.curves import draw_curves
from training.learning.history import DEVELOPMENT_PREFIX, epoch_to_keep, merit, write_log
from training.learning.processes import Processes
from training.learning.run import Run
from training.learning.schedules import plateau_rate
from training.learning.trainer import Trainer
from training.learning.weights import average_weights, restore_weights, save_network

Logs = dict[str, float] | None


class StopAtNan(keras.callbacks.Callback):
    """Ends the run with an error at the first loss that is not finite."""

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Check the running loss."""
        loss = float((logs or {}).get('loss', 0.0))
        if not math.isfinite(loss):
            raise TrainingError(
                f'the loss became {loss} at step {batch + 1}, and the last complete epoch is '
                'kept: lower --rate, or check the data with inspect'
            )


class EpochBegin(keras.callbacks.Callback):
    """Sets the order of pictures of each epoch and, with a plateau schedule, its rate.

    Args:
        batches: Batches of the training data.
        history: Figures of the epochs so far.
        plateau_from: The rate of the first epoch with that schedule, None with any other.
    """

    def __init__(
        self, batches: Batches, history: list[dict[str, float]], plateau_from: float | None
    ) -> None:
        super().__init__()
        self._batches, self._history, self._rate = batches, history, plateau_from

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Set the order and the rate of the epoch."""
        self._batches.begin_epoch(epoch)
        if self._rate is not None:
            rate = plateau_rate(self._rate, self._history)
            self.model.optimizer.learning_rate.assign(rate)


class EpochEnd(keras.callbacks.Callback):
    """Evaluates the weights on development data, and writes checkpoints, log and curves.

    The weights and their moving average are evaluated, and the better ones count. The average is
    better in long runs and worse in short ones.

    A checkpoint is written after every epoch, so an interruption loses only the current epoch.

    Args:
        run: Its folder.
        development: The evaluation data. With None, every epoch counts as better than the previous
            one.
        history: Gets one row of figures per epoch.
        keep_last: Every epoch counts as better than the previous one, and the average counts.
        patience: Epochs without improvement after which to stop; 0: never.
        max_seconds: After which to stop at the end of the epoch; 0: never.
    """

    def __init__(
        self,
        run: Run,
        development: Batches | None,
        history: list[dict[str, float]],
        keep_last: bool = False,
        patience: int = 0,
        max_seconds: float = 0.0,
    ) -> None:
        super().__init__()
        self._run = run
        self._development = development
        self._history = history
        self._keep_last = keep_last
        self._patience = patience
        self._max_seconds = max_seconds
        self._begun = time.monotonic()
        self._before = history[-1]['seconds'] if history else 0.0

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Evaluate the epoch, write its files, and stop if the run is complete."""
        trainer: Trainer = self.model
        as_they_are = self._evaluate()
        raw = average_weights(trainer)
        of_average = self._evaluate() if trainer.optimizer.use_ema else as_they_are
        averaged = self._keep_last or merit(of_average) >= merit(as_they_are)
        if not averaged:
            restore_weights(trainer, raw)
        row = self._row(epoch, logs, of_average if averaged else as_they_are)
        self._history.append(row)
        if epoch_to_keep(self._history, self._keep_last) == len(self._history) - 1:
            save_network(trainer.network, self._run.best)
        restore_weights(trainer, raw)
        state = {'history': self._history}
        save_checkpoint(self._run.checkpoint, trainer, trainer.optimizer, state)
        write_log(self._run.log, self._history)
        draw_curves(self._history, self._run.curves)
        self._stop_if_due(epoch)

    def _evaluate(self) -> dict[str, float]:
        """Return accuracy and loss of the current weights, or nothing without development data."""
        if self._development is None:
            return {}
        figures: dict[str, float] = self.model.evaluate(
            self._development, verbose=0, return_dict=True
        )
        return figures

    def _row(self, epoch: int, logs: Logs, development: dict[str, float]) -> dict[str, float]:
        return {
            'epoch': epoch + 1,
            'seconds': round(self._before + time.monotonic() - self._begun, 1),
            'rate': float(ops.convert_to_numpy(self.model.optimizer.learning_rate)),
            **{name: float(value) for name, value in (logs or {}).items()},
            **{f'{DEVELOPMENT_PREFIX}{name}': float(value) for name, value in development.items()},
        }

    def _stop_if_due(self, epoch: int) -> None:
        since = len(self._history) - 1 - epoch_to_keep(self._history, self._keep_last)
        if self._patience and since >= self._patience:
            print(
                f'stopped after epoch {epoch + 1}, because the last {self._patience} epochs were '
                'not better'
            )
            self.model.stop_training = True
        if self._max_seconds and time.monotonic() - self._begun > self._max_seconds:
            print(f'stopped after epoch {epoch + 1}, because --max-minutes is reached')
            self.model.stop_training = True


class AverageStatistics(keras.callbacks.Callback):
    """Averages the statistics of normalisations over all processes."""

    def __init__(self, processes: Processes) -> None:
        super().__init__()
        self._processes = processes

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Average the statistics after an epoch."""
        self._processes.average(self.model.network.non_trainable_variables)


class AgreeToStop(keras.callbacks.Callback):
    """Stops all processes when the first one stops."""

    def __init__(self, processes: Processes) -> None:
        super().__init__()
        self._processes = processes

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Get the decision of the first process."""
        self.model.stop_training = self._processes.agree(self.model.stop_training)


class Progress(keras.callbacks.Callback):
    """A bar for the epochs of the run. In a log, it is a line for each epoch.

    Its place is after EpochEnd, which writes the figures of the epoch into the history.
    """

    def __init__(self, epochs: int, steps: int, history: list[dict[str, float]]) -> None:
        super().__init__()
        self._epochs, self._steps, self._history = epochs, steps, history
        self._first = len(history)

    def on_train_begin(self, logs: Logs = None) -> None:
        """Open the bar."""
        done = self._first * self._steps
        total = self._epochs * self._steps
        self._bar = tqdm(total=total, initial=done, unit='step', mininterval=2, disable=None)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Advance the bar by one step."""
        self._bar.update(1)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Show the epoch and its figures."""
        figures = ', '.join(
            f'{name.replace("_", " ")} {value:.3f}'
            for name, value in self._history[-1].items()
            if name.removeprefix(DEVELOPMENT_PREFIX) in ('accuracy', 'loss')
        )
        text = f'epoch {epoch + 1}/{self._epochs}: {figures}'
        if self._bar.disable:
            print(text, file=sys.stderr, flush=True)
        else:
            self._bar.set_description(text)

    def on_train_end(self, logs: Logs = None) -> None:
        """Close the bar."""
        self._bar.close()

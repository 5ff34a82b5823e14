"""Several processes of one run, started by torchrun, on one machine or many.

    torchrun --nproc-per-node 2 -m training train --data faces --out runs/mine

Each takes its share of every batch; the gradients are averaged, so all have the same weights. The
first process alone judges, writes and prints.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from training.errors import TrainingError

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Processes:
    """Which of how many processes this is."""

    rank: int = 0
    count: int = 1

    @property
    def first(self) -> bool:
        """Tell whether this process judges, writes and prints."""
        return self.rank == 0

    @contextmanager
    def connected(self) -> Iterator[None]:
        """Wait for the others, and stay connected to them meanwhile; nothing with one process."""
        if self.count == 1:
            yield
            return
        import torch.distributed

        torch.distributed.init_process_group('gloo')
        try:
            yield
        finally:
            torch.distributed.destroy_process_group()

    @contextmanager
    def first_alone(self) -> Iterator[None]:
        """Let the first process go before the others, so that they find what it has kept."""
        if not self.first:
            self.wait()
        yield
        if self.first:
            self.wait()

    def wait(self) -> None:
        """Go on when all processes are here."""
        if self.count > 1:
            import torch.distributed

            torch.distributed.barrier()

    def share_gradients(self, model: keras.Model) -> None:
        """Average the gradients of each backward pass over the processes."""
        if self.count == 1:
            return
        import torch.distributed

        def average(parameter: Any) -> None:
            torch.distributed.all_reduce(parameter.grad)
            parameter.grad /= self.count

        for variable in model.trainable_variables:
            variable.value.register_post_accumulate_grad_hook(average)

    def average(self, variables: Sequence[keras.Variable]) -> None:
        """Put the mean over the processes into what normalisations have measured, and the like."""
        if self.count == 1:
            return
        import torch.distributed

        for variable in variables:
            if variable.value.is_floating_point():  # the state of a random generator is not
                torch.distributed.all_reduce(variable.value.data)
                variable.value.data /= self.count

    def agree(self, stop: bool) -> bool:
        """Return what the first process says."""
        if self.count == 1:
            return stop
        import torch
        import torch.distributed

        said = torch.tensor([float(stop)])
        torch.distributed.broadcast(said, src=0)
        return bool(said)


def processes_of(environment: Mapping[str, str] | None = None) -> Processes:
    """Return what torchrun has said in the environment; one process without it."""
    given = os.environ if environment is None else environment
    return Processes(int(given.get('RANK', 0)), int(given.get('WORLD_SIZE', 1)))


def check_processes(processes: Processes, backend: str, batch_size: int, schedule: str) -> None:
    """Raise TrainingError for what several processes cannot do."""
    if processes.count == 1:
        return
    if backend != 'torch':
        raise TrainingError(
            f'torchrun needs the torch backend, not {backend}; add --backend torch'
        )
    if schedule == 'plateau':
        raise TrainingError('--schedule plateau needs one process; take cosine')
    if batch_size % processes.count:
        raise TrainingError(
            f'--batch-size {batch_size} is not a multiple of the {processes.count} processes'
        )

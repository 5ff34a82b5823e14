"""Several processes of one run, started by torchrun, on one or several machines.

    torchrun --nproc-per-node 2 -m training train --data faces --out runs/mine

Each processes its share of every batch. The gradients are averaged, so all have the same weights.
Only the first process evaluates, writes and prints.
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
    """The number of this process, of all processes, and of this process on its machine."""

    rank: int = 0
    count: int = 1
    local_rank: int = 0

    @property
    def first(self) -> bool:
        """Return whether this process evaluates, writes and prints."""
        return self.rank == 0

    @contextmanager
    def connected(self) -> Iterator[None]:
        """Connect to the other processes during the `with` block.

        A single process does nothing.
        """
        if self.count == 1:
            yield
            return
        import torch.distributed

        if torch.cuda.is_available():
            torch.cuda.set_device(self.local_rank % torch.cuda.device_count())
        torch.distributed.init_process_group('gloo')
        try:
            yield
        finally:
            torch.distributed.destroy_process_group()

    @contextmanager
    def first_alone(self) -> Iterator[None]:
        """Let the first process run first, so that the others find its cached results."""
        if not self.first:
            self.wait()
        yield
        if self.first:
            self.wait()

    def wait(self) -> None:
        """Wait until all processes have reached this point."""
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
        """Average the statistics of normalisations and similar variables over the processes."""
        if self.count == 1:
            return
        import torch.distributed

        for variable in variables:
            # The state of a random generator is not averaged.
            if variable.value.is_floating_point():
                torch.distributed.all_reduce(variable.value.data)
                variable.value.data /= self.count

    def agree(self, stop: bool) -> bool:
        """Return the value of the first process."""
        if self.count == 1:
            return stop
        import torch
        import torch.distributed

        said = torch.tensor([float(stop)])
        torch.distributed.broadcast(said, src=0)
        return bool(said)


def processes_of(environment: Mapping[str, str] | None = None) -> Processes:
    """Return the values from the environment of torchrun, or one process without it."""
    given = os.environ if environment is None else environment
    rank, count = int(given.get('RANK', 0)), int(given.get('WORLD_SIZE', 1))
    return Processes(rank, count, int(given.get('LOCAL_RANK', 0)))


def check_processes(processes: Processes, backend: str, batch_size: int, schedule: str) -> None:
    """Raise TrainingError for options that need a single process."""
    if processes.count == 1:
        return
    if backend != 'torch':
        raise TrainingError(
            f'torchrun needs the torch backend, not {backend}: add --backend torch'
        )
    if schedule == 'plateau':
        raise TrainingError('--schedule plateau needs a single process: use --schedule cosine')
    if batch_size % processes.count:
        raise TrainingError(
            f'--batch-size {batch_size} must be a multiple of the {processes.count} processes'
        )

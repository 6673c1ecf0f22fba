"""The processes of a training: a single one, or several started by `torchrun`."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor, distributed, nn

from jumok.training.errors import TrainingError


@dataclass(frozen=True, slots=True)
class Processes:
    """This process and the number of processes that train together.

    Attributes:
        rank: index of this process, from 0.
        count: number of processes.
    """

    rank: int = 0
    count: int = 1

    @property
    def first(self) -> bool:
        """Whether this process writes checkpoints and messages."""
        return self.rank == 0

    def wrap(self, model: nn.Module) -> nn.Module:
        """Return `model`, wrapped to average its gradients over all processes if there are more."""
        if self.count == 1:
            return model
        return nn.parallel.DistributedDataParallel(model)

    def together(self, wrapped: nn.Module, last: bool) -> AbstractContextManager[None]:
        """Average gradients over processes only after the last backward pass of a step."""
        if isinstance(wrapped, nn.parallel.DistributedDataParallel) and not last:
            return wrapped.no_sync()
        return nullcontext()

    def add(self, value: Tensor) -> Tensor:
        """Return the sum of a tensor over all processes."""
        if self.count > 1:
            distributed.all_reduce(value)
        return value

    def decide(self, value: bool) -> bool:
        """Return the value that the first process passes."""
        if self.count == 1:
            return value
        decision = torch.tensor([value and self.first], dtype=torch.int32)
        return bool(self.add(decision.cuda() if torch.cuda.is_available() else decision).item())


def speaks() -> bool:
    """Return whether this process is the only one or the first of those started by `torchrun`."""
    return os.environ.get("RANK", "0") == "0"


@contextmanager
def joined() -> Iterator[Processes]:
    """Join the process group if this process was started by `torchrun`.

    With CUDA, each process uses the device of its local rank and the backend is NCCL, otherwise
    Gloo. If all processes fail with a TrainingError, only the first raises it; the others exit.
    """
    if "TORCHELASTIC_RUN_ID" not in os.environ:
        yield Processes()
        return
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    processes = Processes(distributed.get_rank(), distributed.get_world_size())
    try:
        yield processes
        # Gloo's threads abort if they still hold tensors when the interpreter exits
        distributed.barrier()
    except TrainingError as error:
        if not processes.first:
            raise SystemExit(1) from error
        raise
    finally:
        distributed.destroy_process_group()

"""The processes of one training: one by itself, or several that `torchrun` started."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor, distributed, nn

from jumok.training.errors import TrainingError


@dataclass(frozen=True, slots=True)
class Processes:
    """This process among those that train together.

    Attributes:
        rank: of this one, counted from 0; the first one writes and speaks.
        count: of all.
    """

    rank: int = 0
    count: int = 1

    @property
    def first(self) -> bool:
        """Whether this one writes and speaks."""
        return self.rank == 0

    def wrap(self, model: nn.Module) -> nn.Module:
        """Make `model` average its gradients over all processes."""
        if self.count == 1:
            return model
        return nn.parallel.DistributedDataParallel(model)

    def together(self, wrapped: nn.Module, last: bool) -> AbstractContextManager[None]:
        """Let gradients of this pass be averaged over processes: at the last of a step's passes."""
        if isinstance(wrapped, nn.parallel.DistributedDataParallel) and not last:
            return wrapped.no_sync()
        return nullcontext()

    def add(self, value: Tensor) -> Tensor:
        """Return the sum of a tensor over all processes."""
        if self.count > 1:
            distributed.all_reduce(value)
        return value

    def decide(self, value: bool) -> bool:
        """Return what the first process decides."""
        if self.count == 1:
            return value
        decision = torch.tensor([value and self.first], dtype=torch.int32)
        return bool(self.add(decision.cuda() if torch.cuda.is_available() else decision).item())


def speaks() -> bool:
    """Tell whether this process is the only one, or the first of those that `torchrun` started."""
    return os.environ.get("RANK", "0") == "0"


@contextmanager
def joined() -> Iterator[Processes]:
    """Join the processes that `torchrun` started with this one, if it did.

    On CUDA each takes the device of its local rank and they talk through NCCL, else through Gloo.
    What all find wrong the first one says; the others just end.
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
        # Gloo's threads must let go of their tensors before the interpreter ends, or they abort
        distributed.barrier()
    except TrainingError as error:
        if not processes.first:
            raise SystemExit(1) from error
        raise
    finally:
        distributed.destroy_process_group()

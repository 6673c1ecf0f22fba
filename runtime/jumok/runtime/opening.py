"""Opening the engine that suits a bundle and this machine."""

import os
from typing import Final, Literal

from jumok.bundle.folder import Bundle
from jumok.bundle.manifest import Precision
from jumok.runtime.choice import choose_runtime
from jumok.runtime.engine import Engine
from jumok.runtime.resident_engine import ResidentEngine
from jumok.runtime.session import CUDA, usable_providers

_MOST_THREADS: Final = 8  # a step is too short for more


def default_threads() -> int:
    """Return how many threads serve best: one core is for the event loop; at most 8 pay."""
    return max(1, min(_MOST_THREADS, (os.cpu_count() or 1) - 1))


def open_engine(
    bundle: Bundle,
    provider: Literal["auto", "cpu", "cuda"] = "auto",
    precision: Literal["auto", Precision] = "auto",
    *,
    threads: int = 0,
    cuda_graphs: bool = True,
) -> Engine:
    """Open the engine that serves a bundle.

    Args:
        bundle: verified.
        provider: see `choose_runtime`.
        precision: see `choose_runtime`.
        threads: of the CPU; 0 takes `default_threads`.
        cuda_graphs: whether steps on CUDA are captured as CUDA graphs, if that works.

    Raises:
        RuntimeSetupError: this provider or precision does not work here.
        BundleError: a graph does not open, or does not have its signature.
    """
    found = bundle.manifest.precisions
    choice = choose_runtime(provider, precision, usable=usable_providers(), found=found)
    arguments = bundle.path, found[choice.precision], bundle.target_tokenizer.vocabulary_size
    threads = threads or default_threads()
    if choice.provider == CUDA:
        return ResidentEngine(*arguments, **choice._asdict(), threads=threads, capture=cuda_graphs)
    return Engine(*arguments, **choice._asdict(), threads=threads)

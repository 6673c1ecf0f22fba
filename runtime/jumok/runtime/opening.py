"""Open the engine that suits a bundle and this machine."""

import os
from typing import Final, Literal

from jumok.bundle.folder import Bundle
from jumok.bundle.manifest import Precision
from jumok.runtime.choice import choose_runtime
from jumok.runtime.engine import Engine
from jumok.runtime.resident_engine import ResidentEngine
from jumok.runtime.session import CUDA, usable_providers

_MOST_THREADS: Final = 8  # a step is too short to gain from more


def default_threads() -> int:
    """Return the number of CPU threads to serve with: one core is left to the event loop."""
    return max(1, min(_MOST_THREADS, (os.cpu_count() or 1) - 1))


def open_engine(
    bundle: Bundle,
    provider: Literal["auto", "cpu", "cuda"] = "auto",
    precision: Literal["auto", Precision] = "auto",
    *,
    threads: int = 0,
    cuda_graphs: bool = True,
) -> Engine:
    """Open the engine to serve a bundle with.

    Args:
        bundle: bundle to serve.
        provider: requested provider, see `choose_runtime`.
        precision: requested precision, see `choose_runtime`.
        threads: CPU threads; 0 uses `default_threads`.
        cuda_graphs: whether to capture steps on CUDA as CUDA graphs, if possible.

    Raises:
        RuntimeSetupError: the provider or precision does not work here.
        BundleError: a graph cannot be opened or does not match its signature.
    """
    found = bundle.manifest.precisions
    choice = choose_runtime(provider, precision, usable=usable_providers(provider), found=found)
    arguments = bundle.path, found[choice.precision], bundle.target_tokenizer.vocabulary_size
    threads = threads or default_threads()
    if choice.provider == CUDA:
        return ResidentEngine(*arguments, **choice._asdict(), threads=threads, capture=cuda_graphs)
    return Engine(*arguments, **choice._asdict(), threads=threads)

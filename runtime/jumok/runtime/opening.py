"""Open the engine that suits a bundle and this machine."""

import os
from typing import Final, Literal

import numpy as np

from jumok.bundle.errors import BundleError
from jumok.bundle.folder import Bundle
from jumok.bundle.manifest import Precision
from jumok.bundle.validation import one_line
from jumok.decoding.step_model import Encoded, StepInput
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
    options = {**choice._asdict(), "threads": threads, "read": bundle.read}
    if choice.provider == CUDA:
        return ResidentEngine(*arguments, **options, capture=cuda_graphs)
    engine = Engine(*arguments, **options)
    _check_vocabularies(engine, bundle)
    return engine


def _check_vocabularies(engine: Engine, bundle: Bundle) -> None:
    """Check that the graphs have as many tokens as the tokenizers.

    No signature tells the number of tokens. But on the CPU, unlike on CUDA, a graph refuses an id
    beyond its vocabulary.
    """
    source, target = bundle.source_tokenizer, bundle.target_tokenizer
    graphs = bundle.manifest.precisions[engine.precision]
    lengths = np.ones(1, dtype=np.int32)

    def encode(token_id: int) -> Encoded:
        return engine.encode(np.array([[token_id]]), lengths)

    try:
        rows = engine.rows(beam=1, width=1, capacity=1)
        rows.admit(0, encode(source.vocabulary_size - 1), 0)

        def step(token_id: int) -> None:
            ids = np.array([[token_id]])
            rows.step(StepInput(ids, np.zeros_like(ids), ids, 1))

        step(target.vocabulary_size - 1)
    except Exception as error:  # ONNX Runtime has an exception class for each status
        raise BundleError(f"{bundle.path}: the graphs do not work: {one_line(error)}") from error
    for entry, run, tokenizer in (
        (graphs.encoder, encode, source),
        (graphs.decoder_step, step, target),
    ):
        try:
            run(tokenizer.vocabulary_size)
        except Exception:
            continue
        raise BundleError(
            f"{bundle.path}: {entry.file} has more than the {tokenizer.vocabulary_size} tokens of "
            "its tokenizer; export the model again"
        )

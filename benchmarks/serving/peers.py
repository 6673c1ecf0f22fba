"""The peers by name, created if selected."""

import copy
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.serving.bare_grpc import BareGrpc
from benchmarks.serving.engine_alone import EngineAlone
from benchmarks.serving.onnx_loop import OnnxLoop
from benchmarks.serving.provider import PRECISIONS, Provider
from benchmarks.serving.service_grpc import ServiceGrpc
from benchmarks.serving.static_batching import StaticBatching
from benchmarks.serving.torch_eager import TorchEager
from benchmarks.serving.torch_graphs import TorchGraphs
from benchmarks.serving.transformer import Transformer
from benchmarks.serving.transformer_grpc import TransformerGrpc
from benchmarks.serving.workload import Sentence
from jumok.bundle.folder import Bundle
from jumok.bundle.manifest import Precision
from jumok.runtime.engine import Engine
from jumok.runtime.opening import open_engine
from jumok.service.config import ServiceConfig
from jumok.training.network.seq2seq import Seq2Seq

Run = Callable[[Sequence[Sentence]], None]

_BATCHES: Final = (16, 64, 128)
_PACKED: Final = (1, 4, 16)
_MANY_CLIENTS: Final = 256
_P8_WORKERS: Final = ((1, 1), (1, 2), (2, 1))
"""Pairs of workers and threads per worker; (1, 1) leaves a core for gRPC and the clients."""


@dataclass(slots=True)
class Peer:
    """A system to compare with.

    Attributes:
        run: translates the given sentences.
        share: fraction of the sentences that it gets per round; lower for slow peers.
        speeds: tokens per second, one value per round.
    """

    run: Run
    share: float
    speeds: list[float] = field(default_factory=list)


def make_peers(
    wanted: Callable[[str], bool],
    folder: Path,
    bundle: Bundle,
    model: Seq2Seq,
    clients: int,
    provider: Provider,
    ending: ExitStack,
) -> dict[str, Peer]:
    """Create the selected peers.

    Args:
        wanted: whether the peer of this name is selected.
        folder: folder with the output of `make_transformer` in "transformer"; P2's graph is
            written to it.
        bundle: `model`, exported.
        model: the model of all peers but the Transformer.
        clients: number of concurrent clients.
        provider: execution provider. On CUDA, PyTorch with CUDA graphs and the engine with many
            clients are added; static batching is left out, and so is CTranslate2, whose wheel is
            built for another CUDA version.
        ending: receives callbacks that stop the peers' processes and threads.
    """
    tokenizer = bundle.target_tokenizer
    config = ServiceConfig(provider=provider)
    special = tokenizer.special_ids
    vocabulary = [tokenizer.piece(n) for n in range(tokenizer.vocabulary_size)]
    encoder = bundle.path / bundle.manifest.precisions["float32"].encoder.file
    there = model if provider == "cpu" else copy.deepcopy(model).to(provider)

    def engine(precision: Precision) -> Engine:
        # one per peer, because threads cannot share an engine
        return open_engine(bundle, config.provider, precision, threads=config.threads)

    def eager(batch: int) -> Run:
        return TorchEager(there, batch, special.begin).run

    def graphs(batch: int) -> Run:
        return TorchGraphs(there, batch, special.begin).run

    def static(precision: Precision) -> Run:
        return StaticBatching(engine(precision), clients, special.begin).run

    def alone(precision: Precision, beam: int = 1, clients: int = clients) -> Run:
        rows = config.model_copy(update={"max_rows": max(config.max_rows, clients)})
        peer = EngineAlone(bundle, engine(precision), clients, rows, beam)
        ending.callback(peer.stop)
        return peer.run

    def service(precision: Precision) -> Run:
        peer = ServiceGrpc(bundle.path, precision, clients, provider)
        ending.callback(peer.stop)
        return peer.run

    def bare(packed: int) -> Run:
        peer = BareGrpc(clients, packed)
        ending.callback(peer.stop)
        return peer.run

    def transformer(precision: Precision) -> Run:
        return Transformer(folder / "transformer", vocabulary, precision, clients).run

    def transformer_grpc(threads: int, workers: int) -> Run:
        peer = TransformerGrpc(
            folder / "transformer", vocabulary, "int8", clients, threads, workers
        )
        ending.callback(peer.stop)
        return peer.run

    makers: dict[str, Callable[[], Run]] = {
        "P1": partial(eager, 1),
        **{f"P1 batch {batch}": partial(eager, batch) for batch in _BATCHES},
        "P2": lambda: OnnxLoop(model, encoder, folder, special.begin, provider).run,
    }
    if provider == "cuda":
        makers |= {
            "P1 graphs": partial(graphs, 1),
            **{f"P1 graphs batch {batch}": partial(graphs, batch) for batch in _BATCHES},
        }
    for precision in PRECISIONS[provider]:
        if provider == "cpu":
            makers[f"P3 {precision}"] = partial(static, precision)
        makers |= {
            f"P4 {precision}": partial(alone, precision),
            f"P4 {precision} beam 5": partial(alone, precision, beam=5),
            f"P5 {precision}": partial(service, precision),
        }
        if provider == "cpu":
            makers[f"P7 {precision}"] = partial(transformer, precision)
        else:
            makers[f"P4 {precision} {_MANY_CLIENTS} clients"] = partial(
                alone, precision, clients=_MANY_CLIENTS
            )
    if provider == "cpu":
        makers |= {
            f"P8 int8 {workers} of {threads}": partial(transformer_grpc, threads, workers)
            for workers, threads in _P8_WORKERS
        }
    makers |= {f"P6 {packed} a message": partial(bare, packed) for packed in _PACKED}
    slow = {"P1": 0.1, "P1 graphs": 0.1, "P2": 0.25}
    return {
        name: Peer(make(), slow.get(name, 1.0)) for name, make in makers.items() if wanted(name)
    }

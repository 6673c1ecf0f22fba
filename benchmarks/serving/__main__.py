"""Run as `python -m benchmarks.serving`: measures every peer in turns, and writes what it found."""

import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import torch
import typer

from benchmarks.errors import PeerError
from benchmarks.serving.bare_grpc import BareGrpc
from benchmarks.serving.engine_alone import EngineAlone
from benchmarks.serving.floor import measure_floor
from benchmarks.serving.latency import measure_latency
from benchmarks.serving.model import LIMIT, SHAPE, TOKENIZER, make_bundle, make_model
from benchmarks.serving.onnx_loop import OnnxLoop
from benchmarks.serving.ratios import ratios
from benchmarks.serving.service_grpc import ServiceGrpc
from benchmarks.serving.static_batching import StaticBatching
from benchmarks.serving.torch_eager import TorchEager
from benchmarks.serving.transformer import Transformer, make_transformer
from benchmarks.serving.workload import Sentence, make_workload, tokens
from bundle.folder import load_bundle
from bundle.tokenizer import Tokenizer
from evaluation.machine import machine, versions
from service.config import ServiceConfig
from service.engine import Engine

_BATCHES = (16, 64, 128)


@dataclass(slots=True)
class Peer:
    """Someone who translates.

    Attributes:
        run: translates sentences, all of them.
        share: of the sentences that it is given a round; slow ones get fewer.
        speeds: tokens a second, of each round.
    """

    run: Callable[[Sequence[Sentence]], None]
    share: float
    speeds: list[float]


def main(
    output: Annotated[Path, typer.Option(help="Where to write all figures.")] = Path(
        "build/benchmark.json"
    ),
    rounds: Annotated[int, typer.Option(min=1, help="How often everybody has a turn.")] = 5,
    sentences: Annotated[int, typer.Option(min=16, help="Of a turn.")] = 512,
    clients: Annotated[int, typer.Option(min=1, help="That wait for answers at once.")] = 32,
) -> None:
    """Measure the serving engine beside its peers, in one run."""
    tokenizer = Tokenizer.load(TOKENIZER)
    workload = make_workload(sentences, tokenizer)
    model = make_model(tokenizer)
    with TemporaryDirectory() as name:
        folder = Path(name)
        make_bundle(folder / "bundle", model)
        vocabulary = [tokenizer.piece(n) for n in range(tokenizer.vocabulary_size)]
        transformer = make_transformer(folder / "transformer", vocabulary)
        peers, stop = _peers(folder, model, tokenizer, vocabulary, clients)
        try:
            for turn in range(rounds + 1):
                for label, peer in peers.items():
                    _take_turn(label, peer, workload, turn)
            latency = {
                precision: measure_latency(folder / "bundle", precision, workload, clients)
                for precision in ("float32", "int8")
            }
        finally:
            stop()
    floor = measure_floor(model)
    found = {label: _summary(peer.speeds[1:]) for label, peer in peers.items()}
    medians = {label: summary["median"] for label, summary in found.items()}
    report = {
        "machine": machine(),
        "versions": versions(),
        "model": SHAPE.model_dump()
        | {"vocabulary": tokenizer.vocabulary_size, "parameters": _count(model)},
        "transformer_parameters": transformer,
        "workload": {
            "sentences": sentences,
            "clients": clients,
            "rounds": rounds,
            "target_tokens": tokens(workload),
            "source_tokens": sum(len(sentence.source) for sentence in workload),
        },
        "peers": found,
        "floor": {
            "gflops": floor.gflops,
            "gbytes": floor.gbytes,
            "weights": floor.weights,
            "tokens_per_second": {rows: rows / floor.seconds(rows) for rows in (1, clients)},
        },
        "latency": latency,
        "ratios": ratios(medians, latency),
    }
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    _show(report)
    typer.echo(f"{output} written")


def _peers(
    folder: Path, model: Any, tokenizer: Tokenizer, vocabulary: Sequence[str], clients: int
) -> tuple[dict[str, Peer], Callable[[], None]]:
    """Make everybody; return what ends those who are programs or threads of their own."""
    special = tokenizer.special_ids
    bundle = load_bundle(folder / "bundle")
    config = ServiceConfig()
    encoder = bundle.path / bundle.manifest.precisions["float32"].encoder.file
    ending: list[Callable[[], None]] = []

    def engine_alone(engine: Engine, beam: int = 1) -> Callable[[Sequence[Sentence]], None]:
        alone = EngineAlone(engine, clients, config, special, LIMIT + 1, beam)
        ending.append(alone.stop)
        return alone.run

    def service(precision: str, beam: int = 1) -> Callable[[Sequence[Sentence]], None]:
        served = ServiceGrpc(bundle.path, precision, clients, beam)
        ending.append(served.stop)
        return served.run

    def bare(packed: int) -> Callable[[Sequence[Sentence]], None]:
        stream = BareGrpc(clients, packed)
        ending.append(stream.stop)
        return stream.run

    peers: dict[str, Callable[[Sequence[Sentence]], None]] = {
        "P1": TorchEager(model, 1, special.begin).run,
        **{f"P1 batch {batch}": TorchEager(model, batch, special.begin).run for batch in _BATCHES},
        "P2": OnnxLoop(model, encoder, folder, special.begin).run,
    }
    for precision in ("float32", "int8"):
        # an engine is not shared between threads, and each has arrays of its own
        engines = [Engine(bundle, "cpu", precision=precision) for _ in range(3)]
        peers |= {
            f"P3 {precision}": StaticBatching(engines[0], clients, special.begin).run,
            f"P4 {precision}": engine_alone(engines[1]),
            f"P4 {precision} beam 5": engine_alone(engines[2], beam=5),
            f"P5 {precision}": service(precision),
            f"P7 {precision}": Transformer(
                folder / "transformer", vocabulary, precision, clients
            ).run,
        }
    for packed in (1, 4, 16):
        peers[f"P6 {packed} a message"] = bare(packed)

    def stop() -> None:
        for end in ending:
            end()

    slow = {"P1": 0.1, "P2": 0.25}
    return {
        label: Peer(run, slow.get(label, 0.5 if "beam" in label else 1), [])
        for label, run in peers.items()
    }, stop


def _take_turn(label: str, peer: Peer, workload: Sequence[Sentence], turn: int) -> None:
    some = workload[: max(8, round(peer.share * len(workload)))]
    begun = time.perf_counter()
    peer.run(some)
    speed = tokens(some) / (time.perf_counter() - begun)
    peer.speeds.append(speed)
    warm = " (to warm up)" if turn == 0 else ""
    typer.echo(f"round {turn}: {label}: {speed:,.0f} tokens/s{warm}", err=True)


def _summary(speeds: Sequence[float]) -> dict[str, float]:
    return {"median": statistics.median(speeds), "lowest": min(speeds), "highest": max(speeds)}


def _count(model: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def _show(report: dict[str, Any]) -> None:
    typer.echo("| peer | tokens/s | lowest to highest |\n| --- | --- | --- |")
    for label, summary in report["peers"].items():
        typer.echo(
            f"| {label} | {summary['median']:,.0f} | "
            f"{summary['lowest']:,.0f} to {summary['highest']:,.0f} |"
        )
    typer.echo("\n| ratio | found |\n| --- | --- |")
    for name, ratio in report["ratios"].items():
        typer.echo(f"| {name} | {ratio:.2f} |")


if __name__ == "__main__":
    try:
        typer.run(main)
    except PeerError as error:
        raise SystemExit(f"error: {error}") from error

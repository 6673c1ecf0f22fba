"""Run as `python -m benchmarks.serving`: measures the peers in turn and writes a report."""

import json
import statistics
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from benchmarks.errors import PeerError
from benchmarks.serving.costs import measure_costs
from benchmarks.serving.floor import measure_floor
from benchmarks.serving.latency import measure_latency
from benchmarks.serving.model import SHAPE, TOKENIZER, make_bundle, make_model
from benchmarks.serving.peers import Peer, make_peers
from benchmarks.serving.provider import PRECISIONS, Provider, gpu, missing
from benchmarks.serving.ratios import ratios
from benchmarks.serving.transformer import make_transformer
from benchmarks.serving.workload import Sentence, make_workload, tokens
from jumok.bundle.folder import load_bundle
from jumok.bundle.tokenizer import Tokenizer
from jumok.evaluation.scoring.machine import machine, versions
from jumok.training.network.seq2seq import Seq2Seq


def main(
    output: Annotated[Path, typer.Option(help="JSON file to write the report to.")] = Path(
        "build/benchmark.json"
    ),
    rounds: Annotated[int, typer.Option(min=1, help="Measured rounds, after a warm-up round.")] = 5,
    sentences: Annotated[
        int, typer.Option(min=16, help="Sentences per peer and round; slow peers get fewer.")
    ] = 512,
    provider: Annotated[
        Provider, typer.Option(help="Execution provider; cuda is skipped without a GPU.")
    ] = "cpu",
    clients: Annotated[
        int, typer.Option(min=1, max=512, help="Concurrent clients (closed loop).")
    ] = 32,
    peer: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Measure only this peer, such as P4 or 'P5 int8', and no latency or costs; may be "
            "repeated.",
        ),
    ] = None,
) -> None:
    """Compare the serving engine with its peers in one run."""
    if (reason := missing(provider)) is not None:
        typer.echo(f"{provider} is skipped: {reason}")
        return
    precisions = PRECISIONS[provider]
    tokenizer = Tokenizer.load(TOKENIZER)
    workload = make_workload(sentences, tokenizer)
    model = make_model(tokenizer)
    latency: dict[str, Any] = {}
    costs: dict[str, Any] = {}

    def wanted(label: str) -> bool:
        return not peer or any(label == name or label.startswith(f"{name} ") for name in peer)

    with TemporaryDirectory() as name:
        folder = Path(name)
        make_bundle(folder / "bundle", model, precisions)
        bundle = load_bundle(folder / "bundle")
        vocabulary = [tokenizer.piece(n) for n in range(tokenizer.vocabulary_size)]
        transformer = make_transformer(folder / "transformer", vocabulary)
        with ExitStack() as ending:
            peers = make_peers(wanted, folder, bundle, model, clients, provider, ending)
            for turn in range(rounds + 1):
                for label, each in peers.items():
                    _take_turn(label, each, workload, turn)
        if not peer:
            for precision in precisions:
                typer.echo(f"measuring latency and costs: {precision}", err=True)
                latency[precision] = measure_latency(bundle, precision, workload, clients, provider)
                costs[precision] = measure_costs(
                    folder, bundle, precision, tokenizer, workload, clients, provider
                )
    found = {label: _summary(each.speeds[1:]) for label, each in peers.items()}
    # the floor is computed for steps on the CPU
    floor = _floor(model, clients) if provider == "cpu" else {}
    report = {
        "machine": machine() | gpu(provider),
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
        "floor": floor,
        "latency": latency,
        "costs": costs,
        "ratios": ratios(
            {label: each["median"] for label, each in found.items()}, latency, costs, precisions
        ),
    }
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    _show(report)
    typer.echo(f"{output} written")


def _take_turn(label: str, peer: Peer, workload: Sequence[Sentence], turn: int) -> None:
    some = workload[: max(8, round(peer.share * len(workload)))]
    begun = time.perf_counter()
    peer.run(some)
    speed = tokens(some) / (time.perf_counter() - begun)
    peer.speeds.append(speed)
    warm = " (warm-up)" if turn == 0 else ""
    typer.echo(f"round {turn}: {label}: {speed:,.0f} tokens/s{warm}", err=True)


def _summary(speeds: Sequence[float]) -> dict[str, float]:
    return {"median": statistics.median(speeds), "lowest": min(speeds), "highest": max(speeds)}


def _floor(model: Seq2Seq, clients: int) -> dict[str, Any]:
    floor = measure_floor(model)
    return {
        **asdict(floor),
        "step_ms": {rows: 1000 * floor.seconds(rows) for rows in (1, clients)},
        "tokens_per_second": {rows: rows / floor.seconds(rows) for rows in (1, clients)},
    }


def _count(model: Seq2Seq) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def _show(report: Mapping[str, Any]) -> None:
    typer.echo("| peer | tokens/s | lowest to highest |\n| --- | --- | --- |")
    for label, summary in report["peers"].items():
        typer.echo(
            f"| {label} | {summary['median']:,.0f} | "
            f"{summary['lowest']:,.0f} to {summary['highest']:,.0f} |"
        )
    typer.echo("\n| ratio | value |\n| --- | --- |")
    for name, ratio in report["ratios"].items():
        typer.echo(f"| {name} | {ratio:.2f} |")


if __name__ == "__main__":
    try:
        typer.run(main)
    except PeerError as error:
        raise SystemExit(f"error: {error}") from error

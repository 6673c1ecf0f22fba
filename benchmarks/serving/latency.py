"""Latency of the service at 70% of its peak, and time to first token when it is idle."""

import asyncio
import statistics
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from benchmarks.serving.bare_grpc import BareGrpc
from benchmarks.serving.provider import Provider
from benchmarks.serving.service_grpc import ServiceGrpc
from benchmarks.serving.shapes import encoder_seconds, step_seconds
from benchmarks.serving.workload import Sentence
from jumok.bundle.folder import Bundle
from jumok.bundle.manifest import Precision
from jumok.cli.latency import Latency, summarise
from jumok.cli.load import Ask, closed_loop, freeze_heap, open_loop
from jumok.client.async_client import AsyncClient
from jumok.client.decoding import DecodingOptions
from jumok.runtime.engine import Engine
from jumok.runtime.opening import open_engine

_LOAD, _SECONDS, _IDLE = 0.7, 12.0, 40
_SOURCE: Final = 19  # tokens of a typical sentence, including the end


def measure_latency(
    bundle: Bundle,
    precision: Precision,
    workload: Sequence[Sentence],
    clients: int,
    provider: Provider,
) -> dict[str, Any]:
    """Measure a service started for the purpose.

    Returns:
        The fields of `jumok.cli.latency.Latency` at the peak and at 70% of it; the time to the
        first token of the idle service, and to the first message of a bare gRPC server; the times
        of an encoder pass and of a step, called directly before and after; and "ratios" of these.
    """
    usual = min(workload, key=lambda sentence: abs(len(sentence.source) - _SOURCE))
    bare = BareGrpc(clients, packed=1)
    try:
        bare_first = statistics.median(asyncio.run(bare.seconds_to_first(usual, _IDLE)))
    finally:
        bare.stop()
    engine = open_engine(bundle, provider, precision)
    before = _direct(engine, clients)
    service = ServiceGrpc(bundle.path, precision, clients, provider)
    try:
        peak, loaded, first = asyncio.run(_ask(service.address, workload, clients, usual))
    finally:
        service.stop()
    # averaged, because the speed of the machine drifts
    encoder, wide_encoder, step, wide_step = map(
        statistics.fmean, zip(before, _direct(engine, clients), strict=True)
    )
    assert loaded.ttft.p99 and loaded.itl.p99 and loaded.itl.p50, "every call has several tokens"
    return {
        "peak": asdict(peak),
        "at_70_percent": asdict(loaded),
        "idle_first_token_seconds": first,
        "idle_first_message_of_bare_grpc_seconds": bare_first,
        "encoder_seconds": {1: encoder, clients: wide_encoder},
        "step_seconds": {1: step, clients: wide_step},
        "ratios": {
            "TTFT_p99/(5_steps+encoder)": loaded.ttft.p99 / (5 * wide_step + wide_encoder),
            "ITL_p99/ITL_p50": loaded.itl.p99 / loaded.itl.p50,
            "idle_first_token/(encoder+step)": first / (encoder + step),
        },
    }


def _direct(engine: Engine, clients: int) -> list[float]:
    """Time encoder passes and steps, each for one sentence and for `clients` sentences."""
    return [
        seconds(engine, rows, _SOURCE)
        for seconds in (encoder_seconds, step_seconds)
        for rows in (1, clients)
    ]


async def _ask(
    address: str, workload: Sequence[Sentence], clients: int, usual: Sentence
) -> tuple[Latency, Latency, float]:
    asks = [
        Ask(sentence.text, DecodingOptions(max_tokens=sentence.length, min_tokens=sentence.length))
        for sentence in workload
    ]
    async with AsyncClient(address) as client:
        await closed_loop(client, asks[:clients], clients)
        freeze_heap()
        peak = summarise(await closed_loop(client, asks, clients))
        rate = _LOAD * peak.calls_per_second
        repeated = asks * (1 + int(rate * _SECONDS / len(asks)))
        loaded = summarise(await open_loop(client, repeated[: int(rate * _SECONDS)], rate))
        firsts = []
        for _ in range(_IDLE):
            await asyncio.sleep(0.02)
            alone = await closed_loop(client, [Ask(usual.text, DecodingOptions(max_tokens=4))], 1)
            (call,) = alone.calls
            firsts.append(call.arrivals[0][0] - call.asked)
    return peak, loaded, statistics.median(firsts)

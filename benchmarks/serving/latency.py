"""How long callers wait at 70% of the service's peak, and for the first token of an idle one."""

import asyncio
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from benchmarks.serving.service_grpc import ServiceGrpc
from benchmarks.serving.workload import Sentence
from bundle.folder import load_bundle
from client.async_client import AsyncClient
from client.decoding import Decoding
from client.latency import summarise
from client.load import Ask, closed_loop, open_loop
from decoding.batch_search import pad
from service.engine import Engine

_LOAD, _SECONDS, _IDLE = 0.7, 12.0, 40
_SOURCE: Final = 19  # tokens of a usual sentence, the end counted


def measure_latency(
    bundle: Path,
    precision: Literal["float32", "int8"],
    workload: Sequence[Sentence],
    clients: int,
) -> dict[str, Any]:
    """Measure a server of its own.

    Returns:
        What `client.latency.Latency` has, at the peak and at 70% of it; the time of the first token
        of an idle server; of an encoder pass and of a step, called directly; and under "ratios"
        how they compare.
    """
    service = ServiceGrpc(bundle, precision, clients)
    try:
        peak, loaded, first = asyncio.run(_ask(service.address, workload, clients))
    finally:
        service.stop()
    encoder, step, wide_encoder, wide_step = _direct(bundle, precision, clients)
    return {
        "peak": asdict(peak),
        "at_70_percent": asdict(loaded),
        "idle_first_token_seconds": first,
        "encoder_seconds": {1: encoder, clients: wide_encoder},
        "step_seconds": {1: step, clients: wide_step},
        "ratios": {
            "TTFT_p99/(5_steps+encoder)": loaded.ttft.p99 / (5 * wide_step + wide_encoder),
            "ITL_p99/ITL_p50": loaded.itl.p99 / loaded.itl.p50,
            "idle_first_token/(encoder+step)": first / (encoder + step),
        },
    }


async def _ask(address: str, workload: Sequence[Sentence], clients: int) -> Any:
    asks = [
        Ask(sentence.text, Decoding(max_tokens=sentence.length, min_tokens=sentence.length))
        for sentence in workload
    ]
    async with AsyncClient(address) as client:
        await closed_loop(client, asks[:clients], clients)
        peak = summarise(await closed_loop(client, asks, clients))
        rate = _LOAD * peak.calls_per_second
        repeated = asks * (1 + int(rate * _SECONDS / len(asks)))
        loaded = summarise(await open_loop(client, repeated[: int(rate * _SECONDS)], rate))
        usual = min(workload, key=lambda sentence: abs(len(sentence.source) - _SOURCE))
        firsts = []
        for _ in range(_IDLE):
            await asyncio.sleep(0.02)
            alone = await closed_loop(client, [Ask(usual.text, Decoding(max_tokens=4))], 1)
            (call,) = alone.calls
            firsts.append(call.arrivals[0][0] - call.asked)
    return peak, loaded, statistics.median(firsts)


def _direct(bundle: Path, precision: Literal["float32", "int8"], clients: int) -> list[float]:
    """Time an encoder pass and a step of one sentence, and of as many as there are clients."""
    engine = Engine(load_bundle(bundle), "cpu", precision=precision)
    times = []
    for rows in (1, clients):
        source_ids, lengths = pad([[*range(100, 99 + _SOURCE), 3]] * rows)
        encoded = engine.encode(source_ids, lengths)
        previous = np.full((rows, 1), 2)
        zeros, state = np.zeros_like(previous), encoded.decoder_state[:, None]
        times += [
            _median(lambda: engine.encode(source_ids, lengths)),  # noqa: B023 - called at once
            _median(
                lambda: engine.step(previous, zeros, zeros, state, encoded, 1)  # noqa: B023
            ),
        ]
    return times


def _median(work: Callable[[], object]) -> float:
    times = []
    for _ in range(_IDLE):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)

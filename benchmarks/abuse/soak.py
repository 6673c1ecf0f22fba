"""A long run with all kinds of calls: `python -m benchmarks.abuse.soak`.

Prints whether resident memory still grows in the second half.
"""

import asyncio
import random
import statistics
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Final

import grpc
import psutil
import typer

from benchmarks.abuse.fairness import TEXTS
from benchmarks.abuse.service import ROOT, connect, running_service
from jumok.v1 import translation_pb2 as pb
from jumok.v1.translation_pb2_grpc import TranslationServiceStub

_CLIENTS: Final = 8
_SAMPLES: Final = 360


def main(
    minutes: Annotated[float, typer.Option(min=0.1, help="Length of the run.")] = 60,
    rate: Annotated[float, typer.Option(min=0.1, help="Calls per second.")] = 40,
    checkout: Annotated[
        Path, typer.Option(help="Root of the repository whose service to measure.")
    ] = ROOT,
) -> None:
    """Send calls of all methods, good and bad ones, and measure memory."""
    with running_service(checkout) as (process, address):
        asyncio.run(_measure(address, psutil.Process(process.pid), minutes * 60, rate))


async def _measure(address: str, process: psutil.Process, seconds: float, rate: float) -> None:
    statuses: Counter[tuple[str, str]] = Counter()
    memory: list[float] = []
    began = time.monotonic()
    end = began + seconds

    async def client(number: int) -> None:
        generator = random.Random(number)
        channel = connect(address)
        while time.monotonic() < end:
            stub = TranslationServiceStub(channel)
            kind = generator.choice(list(_CALLS))
            statuses[kind, await _CALLS[kind](stub, generator)] += 1
            if not generator.randrange(200):  # clients come and go
                await channel.close()
                channel = connect(address)
            await asyncio.sleep(generator.expovariate(rate / _CLIENTS))
        await channel.close()

    async def sample() -> None:
        while time.monotonic() < end:
            await asyncio.sleep(seconds / _SAMPLES)
            memory.append(process.memory_info().rss / 2**20)
            print(
                f"{time.monotonic() - began:.0f} s: {memory[-1]:.1f} MiB, {statuses.total()} calls",
                file=sys.stderr,
                flush=True,
            )

    await asyncio.gather(sample(), *(client(number) for number in range(_CLIENTS)))
    for (kind, status), count in sorted(statuses.items()):
        print(f"{kind:10} {status:18} {count:8,}")
    print(f"{statuses.total():,} calls in {seconds / 60:.0f} minutes")
    half, quarter = len(memory) // 2, len(memory) // 4
    third, fourth = statistics.mean(memory[half:-quarter]), statistics.mean(memory[-quarter:])
    print(f"resident memory in the third quarter: {third:.1f} MiB, in the fourth: {fourth:.1f} MiB")
    print(f"drift in the second half: {100 * (fourth / third - 1):+.2f}%")


def _text(generator: random.Random) -> str:
    return " ".join(generator.choice(TEXTS) for _ in range(generator.choice((1, 1, 1, 2, 4))))


async def _translate(stub: Any, generator: random.Random, **options: Any) -> str:
    call = stub.Translate(pb.TranslateRequest(text=_text(generator), **options), timeout=60)
    return await _status(call)


async def _status(call: Any) -> str:
    try:
        if isinstance(call, grpc.aio.UnaryUnaryCall):
            await call
        else:
            async for _ in call:
                pass
    except grpc.aio.AioRpcError as error:
        return str(error.code().name)
    return "OK"


async def _greedy(stub: Any, generator: random.Random) -> str:
    return await _translate(stub, generator)


async def _beam(stub: Any, generator: random.Random) -> str:
    beam = pb.BeamSearch(width=generator.randrange(2, 9))
    return await _translate(stub, generator, decoding=pb.DecodingOptions(beam_search=beam))


async def _cancelled(stub: Any, generator: random.Random) -> str:
    call = stub.Translate(pb.TranslateRequest(text=_text(generator)))
    await asyncio.sleep(generator.random() * 0.1)
    call.cancel()
    return "cancelled"


async def _impatient(stub: Any, generator: random.Random) -> str:
    call = stub.Translate(
        pb.TranslateRequest(text=_text(generator)), timeout=generator.random() * 0.1
    )
    return await _status(call)


async def _batch(stub: Any, generator: random.Random) -> str:
    texts = [_text(generator) for _ in range(generator.randrange(1, 12))]
    return await _status(stub.TranslateBatch(pb.TranslateBatchRequest(texts=texts), timeout=60))


async def _align(stub: Any, generator: random.Random) -> str:
    request = pb.AlignRequest(source=_text(generator), target="I am a student.")
    return await _status(stub.Align(request, timeout=60))


async def _invalid(stub: Any, generator: random.Random) -> str:
    text = generator.choice(("", "\0", "가" * 20_000, "\ufdfa" * 4_000))
    return await _status(stub.Translate(pb.TranslateRequest(text=text), timeout=60))


_CALLS: Final = {
    "greedy": _greedy,
    "beam": _beam,
    "cancelled": _cancelled,
    "impatient": _impatient,
    "batch": _batch,
    "align": _align,
    "invalid": _invalid,
}


if __name__ == "__main__":
    typer.run(main)

"""Cancelled streams: `python -m benchmarks.abuse.cancellations`.

Afterwards a beam that needs all rows must be translated at once: rows that leaked would keep it
waiting.
"""

import asyncio
import random
import time
from pathlib import Path
from typing import Annotated, Any, Final

import grpc
import psutil
import typer

from benchmarks.abuse.fairness import TEXTS
from benchmarks.abuse.service import ROOT, connect, running_service
from jumok.v1 import translation_pb2 as pb
from jumok.v1.translation_pb2_grpc import TranslationServiceStub

_ROWS: Final = 16
_CLIENTS: Final = 64
_LONGEST_SECONDS: Final = 0.15


def main(
    checkout: Annotated[
        Path, typer.Option(help="Root of the repository whose service to measure.")
    ] = ROOT,
    count: Annotated[int, typer.Option(help="Number of cancelled streams.")] = 100_000,
) -> None:
    """Cancel streams at random moments, and look for rows and memory that are not released."""
    with running_service(checkout, max_rows=_ROWS) as (process, address):
        asyncio.run(_measure(address, psutil.Process(process.pid), count))


async def _measure(address: str, process: psutil.Process, count: int) -> None:
    channels = [connect(address) for _ in range(4)]
    stubs = [TranslationServiceStub(channel) for channel in channels]
    left = iter(range(count))

    async def client(number: int) -> None:
        for _ in left:
            call: Any = stubs[number % len(stubs)].Translate(pb.TranslateRequest(text=TEXTS[0]))
            await asyncio.sleep(random.random() * _LONGEST_SECONDS)
            call.cancel()

    await asyncio.gather(*(client(number) for number in range(_CLIENTS)))
    before = process.memory_info().rss
    began = time.monotonic()
    decoding = pb.DecodingOptions(beam_search=pb.BeamSearch(width=_ROWS))
    request = pb.TranslateRequest(text=TEXTS[0], decoding=decoding)
    for attempt in range(100):
        try:
            async for _ in stubs[0].Translate(request, timeout=20):
                pass
            break
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.RESOURCE_EXHAUSTED or attempt == 99:
                raise
            await asyncio.sleep(0.1)
    print(f"{count} streams cancelled; resident memory {before / 2**20:.0f} MiB")
    print(f"a beam of all {_ROWS} rows: {time.monotonic() - began:.2f} s after the last")
    await asyncio.gather(*(channel.close() for channel in channels))


if __name__ == "__main__":
    typer.run(main)

"""Streams during SIGTERM: `python -m benchmarks.abuse.drain`.

64 streams run when the service gets SIGTERM, and others are started just after it. Every stream
must be whole, or refused with UNAVAILABLE before its first token.
"""

import asyncio
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Final

import grpc
import typer

from benchmarks.abuse.fairness import TEXTS
from benchmarks.abuse.service import ROOT, connect, running_service
from jumok.v1 import translation_pb2 as pb
from jumok.v1.translation_pb2_grpc import TranslationServiceStub

_CONNECTIONS: Final = 8
_STREAMS: Final = 64
_LATE: Final = 8


def main(
    checkout: Annotated[
        Path, typer.Option(help="Root of the repository whose service to measure.")
    ] = ROOT,
    count: Annotated[int, typer.Option(help="Number of SIGTERMs.")] = 100,
) -> None:
    """Stop the service again and again while it translates, and count how its streams end."""
    found: Counter[str] = Counter()
    longest = 0.0
    for number in range(count):
        longest = max(longest, asyncio.run(_stop_once(checkout, 0.01 * (number % 20), found)))
    for outcome, streams in sorted(found.items()):
        print(f"{outcome}: {streams}")
    print(f"longest drain: {longest:.2f} s")


async def _stop_once(checkout: Path, delay: float, found: Counter[str]) -> float:
    """Send SIGTERM `delay` seconds after the streams began; return how long the process took."""
    with running_service(checkout) as (process, address):
        channels = [connect(address) for _ in range(_CONNECTIONS)]
        stubs = [TranslationServiceStub(channel) for channel in channels]
        await asyncio.gather(*(channel.channel_ready() for channel in channels))

        async def stream(number: int) -> None:
            found[await _outcome(stubs[number % _CONNECTIONS])] += 1

        async with asyncio.TaskGroup() as group:
            for number in range(_STREAMS):
                group.create_task(stream(number))
            await asyncio.sleep(delay)
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            for number in range(_LATE):
                group.create_task(stream(number))
        status = await asyncio.to_thread(process.wait)
        took = time.monotonic() - began
        found[f"exit status {status}"] += 1
        await asyncio.gather(*(channel.close() for channel in channels))
    return took


async def _outcome(stub: Any) -> str:
    tokens, whole = 0, False
    try:
        async for response in stub.Translate(pb.TranslateRequest(text=TEXTS[0])):
            tokens += response.WhichOneof("event") == "tokens"
            whole = whole or response.WhichOneof("event") == "result"
    except grpc.aio.AioRpcError as error:
        return f"{error.code().name} {'in the middle' if tokens else 'before the first token'}"
    return "whole" if whole else "OK without a result"


if __name__ == "__main__":
    typer.run(main)

"""The service at three times its capacity: `python -m benchmarks.abuse.overload`.

Calls arrive at a fixed rate, whether or not earlier ones are answered (open loop). The capacity is
what 16 clients in a closed loop achieve before and after.
"""

import asyncio
import time
from collections import defaultdict
from pathlib import Path
from typing import Annotated, Any

import grpc
import typer

from benchmarks.abuse.fairness import TEXTS
from benchmarks.abuse.service import ROOT, connect, quantile, running_service
from jumok.v1 import translation_pb2 as pb
from jumok.v1.translation_pb2_grpc import TranslationServiceStub

_CLIENTS = 16
_REQUEST = pb.TranslateRequest(text=TEXTS[0])


def main(
    checkout: Annotated[
        Path, typer.Option(help="Root of the repository whose service to measure.")
    ] = ROOT,
    seconds: Annotated[float, typer.Option(help="Duration of each part.")] = 10,
    load: Annotated[float, typer.Option(help="Arrivals as a multiple of the capacity.")] = 3,
) -> None:
    """Measure goodput and refusals with and without deadlines, each beside the capacity."""
    with running_service(checkout) as (_, address):
        asyncio.run(_measure(address, seconds, load))


async def _measure(address: str, seconds: float, load: float) -> None:
    await _closed_loop(address, 3)
    for deadline in (None, 0.5):
        before = await _closed_loop(address, seconds)
        answers = await _open_loop(address, load * before, seconds, deadline)
        after = await _closed_loop(address, seconds)
        capacity = (before + after) / 2
        name = "no deadline" if deadline is None else f"deadline {deadline} s"
        goodput = len(answers.get("OK", [])) / seconds
        print(
            f"{name}: capacity {before:.0f} and {after:.0f}/s, "
            f"goodput {goodput:.0f}/s, {goodput / capacity:.0%} of capacity"
        )
        for status, times in sorted(answers.items()):
            print(
                f"  {status}: {len(times)}, p50 {1e3 * quantile(times, 0.5):.0f} ms, "
                f"p99 {1e3 * quantile(times, 0.99):.0f} ms"
            )


async def _translate(stub: Any, deadline: float | None) -> str:
    try:
        async for _ in stub.Translate(_REQUEST, timeout=deadline):
            pass
    except grpc.aio.AioRpcError as error:
        return error.code().name
    return "OK"


async def _closed_loop(address: str, seconds: float) -> float:
    """Return the calls per second that concurrent clients complete."""
    end = time.monotonic() + seconds
    done = 0

    async def client() -> None:
        nonlocal done
        async with connect(address) as channel:
            while time.monotonic() < end:
                status = await _translate(TranslationServiceStub(channel), None)
                done += status == "OK"  # other clients count while this one waits

    await asyncio.gather(*(client() for _ in range(_CLIENTS)))
    return done / seconds


async def _open_loop(
    address: str, rate: float, seconds: float, deadline: float | None
) -> dict[str, list[float]]:
    """Return the durations of the calls by status; "OK" are those answered within the time."""
    channels = [connect(address) for _ in range(_CLIENTS)]
    stubs = [TranslationServiceStub(channel) for channel in channels]
    answers = defaultdict[str, list[float]](list)
    started = time.monotonic()

    async def call(number: int) -> None:
        began = time.monotonic()
        status = await _translate(stubs[number % _CLIENTS], deadline)
        ended = time.monotonic()
        if status == "OK" and ended > started + seconds:
            status = "OK, later"
        answers[status].append(ended - began)

    async with asyncio.TaskGroup() as group:
        sent = 0
        while (passed := time.monotonic() - started) < seconds:
            while sent < passed * rate:
                group.create_task(call(sent))
                sent += 1
            await asyncio.sleep(0.002)
    for channel in channels:
        await channel.close()
    return answers


if __name__ == "__main__":
    typer.run(main)

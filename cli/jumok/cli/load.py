"""Load on a server, closed loop or open loop (Poisson arrivals), with the times of each call."""

import asyncio
import gc
import itertools
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from jumok.client.async_client import AsyncClient
from jumok.client.decoding import DecodingOptions
from jumok.client.errors import ClientError
from jumok.client.events import Tokens
from jumok.client.requests import Attention


@dataclass(frozen=True, slots=True)
class Ask:
    """A text to translate and its decoding options."""

    text: str
    decoding: DecodingOptions = field(default_factory=DecodingOptions)


@dataclass(frozen=True, slots=True)
class Call:
    """The times of a call.

    Attributes:
        asked: when it was made, in seconds from the start of the load, like all times.
        arrivals: when tokens arrived, and how many.
        ended: when it ended.
        error: why it failed; "" if it did not.
    """

    asked: float
    arrivals: tuple[tuple[float, int], ...]
    ended: float
    error: str = ""


@dataclass(frozen=True, slots=True)
class Load:
    """Recorded calls, and the seconds they took together."""

    calls: tuple[Call, ...]
    seconds: float


def freeze_heap() -> None:
    """Exclude all existing objects from garbage collection.

    A collection over everything imported takes tenths of a second, which the measured latencies
    would include.
    """
    gc.collect()
    gc.freeze()


async def closed_loop(
    client: AsyncClient, asks: Sequence[Ask], clients: int, attention: Attention = "dense"
) -> Load:
    """Send the requests from concurrent clients, each its next one when the last is answered."""
    left = iter(asks)
    began = time.perf_counter()
    calls: list[Call] = []

    async def ask_on() -> None:
        for ask in left:
            call = await _call(client, ask, attention, began)
            calls.append(call)

    async with asyncio.TaskGroup() as group:
        for _ in range(clients):
            group.create_task(ask_on())
    return Load(tuple(calls), time.perf_counter() - began)


async def open_loop(
    client: AsyncClient,
    asks: Sequence[Ask],
    rate: float,
    seed: int = 0,
    attention: Attention = "dense",
) -> Load:
    """Send `rate` requests a second on average, whether or not earlier ones are answered.

    Gaps are exponential, as between independent callers (Poisson arrivals).
    """
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        tasks = []
        for moment, ask in zip(_arrivals(rate, seed), asks, strict=False):
            await asyncio.sleep(max(0.0, began + moment - time.perf_counter()))
            tasks.append(group.create_task(_call(client, ask, attention, began)))
    return Load(tuple(task.result() for task in tasks), time.perf_counter() - began)


def _arrivals(rate: float, seed: int) -> Iterator[float]:
    generator = random.Random(seed)
    return itertools.accumulate(generator.expovariate(rate) for _ in itertools.count())


async def _call(client: AsyncClient, ask: Ask, attention: Attention, began: float) -> Call:
    asked = time.perf_counter() - began
    arrivals = []
    error = ""
    try:
        async for event in client.translate(ask.text, decoding=ask.decoding, attention=attention):
            count = len(event.tokens) if isinstance(event, Tokens) else 0
            if count:
                arrivals.append((time.perf_counter() - began, count))
    except ClientError as failure:
        error = str(failure) or type(failure).__name__
    return Call(asked, tuple(arrivals), time.perf_counter() - began, error)

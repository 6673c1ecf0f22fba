"""The gateway: tokens per second of concurrent streams over HTTP, compared with gRPC.

    jumok serve &
    jumok web --address localhost:50051 &
    python -m benchmarks.gateway

Each client asks again as soon as it is answered (closed loop), with whole rows of attention, and
only counts tokens. The two kinds of clients alternate. Service, gateway and clients share the
machine.
"""

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from itertools import cycle
from typing import Final

import grpc

from jumok.demo.command import SENTENCES
from jumok.v1 import translation_pb2 as pb
from jumok.v1.translation_pb2_grpc import TranslationServiceStub

Ask = Callable[[str], Awaitable[int]]
"""Translates a text as a stream; returns the number of tokens."""

_ROUNDS: Final = 5


def over_grpc(channel: grpc.aio.Channel) -> Ask:
    """Return a function that translates over gRPC."""
    stub = TranslationServiceStub(channel)

    async def ask(text: str) -> int:
        request = pb.TranslateRequest(text=text, attention=pb.ATTENTION_DENSE)
        return sum([len(response.tokens.tokens) async for response in stub.Translate(request)])

    return ask


def over_http(host: str, port: int) -> Ask:
    """Return a function that translates over HTTP, as server-sent events."""
    idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(text: str) -> int:
        body = json.dumps({"text": text, "stream": True}).encode()
        head = (
            f"POST /v1/translate HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        # no client library, whose own work would be measured, too
        reader, writer = idle.pop() if idle else await asyncio.open_connection(host, port)
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n0\r\n\r\n")
        idle.append((reader, writer))
        tokens, found, _ = answer.partition(b"event: result")
        assert found, answer[-500:]
        return tokens.count(b'"best_position":')

    return ask


async def rate(ask: Ask, texts: Iterator[str], clients: int, seconds: float) -> float:
    """Return the tokens per second of concurrent clients."""
    start = time.perf_counter()

    async def client() -> int:
        tokens = 0
        while time.perf_counter() - start < seconds:
            tokens += await ask(next(texts))
        return tokens

    tokens = sum(await asyncio.gather(*(client() for _ in range(clients))))
    return tokens / (time.perf_counter() - start)


async def measure(service: str, gateway: str, clients: int, seconds: float) -> None:
    """Measure both in turn and print the rates and their ratio."""
    host, _, port = gateway.rpartition(":")
    texts = cycle(SENTENCES["ko"])
    rates: dict[str, list[float]] = {"gRPC": [], "HTTP": []}
    async with grpc.aio.insecure_channel(service) as channel:
        asks = {"gRPC": over_grpc(channel), "HTTP": over_http(host, int(port))}
        for ask in asks.values():  # warm up
            await rate(ask, texts, clients, 1)
        for _ in range(_ROUNDS):
            for name, ask in asks.items():
                rates[name].append(await rate(ask, texts, clients, seconds))
    ratios = [http / bare for http, bare in zip(rates["HTTP"], rates["gRPC"], strict=True)]
    for name, measured in rates.items():
        print(f"{name}: {statistics.median(measured):,.0f} tokens/s")
    print(f"ratio: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


def main() -> None:
    """Measure a running service and a running gateway."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--service", default="localhost:50051")
    parser.add_argument("--gateway", default="localhost:8080")
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each measurement")
    options = parser.parse_args()
    asyncio.run(measure(options.service, options.gateway, options.clients, options.seconds))


if __name__ == "__main__":
    main()

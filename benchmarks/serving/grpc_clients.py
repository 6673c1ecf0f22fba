"""Clients in this process that ask a server in another one over gRPC."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

import grpc

from benchmarks.serving.workload import Sentence

Connect = Callable[[grpc.aio.Channel], Callable[[Sentence], Awaitable[None]]]
"""Takes a connection; returns what asks on it, and waits for the whole answer."""


def ask_all(address: str, sentences: Sequence[Sentence], clients: int, connect: Connect) -> None:
    """Let clients on one connection each ask for the next sentence when answered, until all is."""
    asyncio.run(_ask_all(address, deque(sentences), clients, connect))


async def _ask_all(address: str, left: deque[Sentence], clients: int, connect: Connect) -> None:
    async with grpc.aio.insecure_channel(address) as channel:
        ask = connect(channel)

        async def client() -> None:
            while left:
                await ask(left.popleft())

        async with asyncio.TaskGroup() as group:
            for _ in range(clients):
                group.create_task(client())

"""gRPC clients in this process, for a server in another one."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

import grpc

from benchmarks.serving.workload import Sentence

Connect = Callable[[grpc.aio.Channel], Callable[[Sentence], Awaitable[None]]]
"""Takes a channel; returns a function that sends a sentence and reads the whole response."""


def ask_all(address: str, sentences: Sequence[Sentence], clients: int, connect: Connect) -> None:
    """Translate all sentences with concurrent clients (closed loop) on one channel."""
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

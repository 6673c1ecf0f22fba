"""Batches: many texts of one call, admitted a few at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from jumok.service.errors import OverloadedError

T = TypeVar("T")
U = TypeVar("U")


class BatchAdmission:
    """Bounds the texts of batches that wait, and how many of them run at once.

    The texts of all batches take turns, so that they never fill the queue for other callers.
    """

    def __init__(self, max_batched: int, max_running: int) -> None:
        """Admit `max_batched` texts at most, `max_running` of them into the queue."""
        self._max_batched, self._batched = max_batched, 0
        self._turns = asyncio.Semaphore(max_running)

    async def run(self, work: Callable[[T], Awaitable[U]], texts: Sequence[T]) -> list[U]:
        """Do some work on each text, and return the results in order.

        Raises:
            OverloadedError: too many texts wait already.
        """
        if self._batched >= self._max_batched:
            raise OverloadedError(
                f"{self._batched} texts of batches already wait; try again in a second", 1.0
            )

        async def in_turn(text: T) -> U:
            async with self._turns:
                return await work(text)

        self._batched += len(texts)
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(in_turn(text)) for text in texts]
        finally:
            self._batched -= len(texts)
        return [task.result() for task in tasks]

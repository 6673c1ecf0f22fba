"""Admission control for batch calls, whose texts are queued a few at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from jumok.service.errors import OverloadedError

T = TypeVar("T")
U = TypeVar("U")


class BatchAdmission:
    """Limits the batch texts that are admitted, and those that run at once.

    Batches therefore never fill the scheduler's queue, which they share with streams.
    """

    def __init__(self, max_batched: int, max_running: int) -> None:
        """Refuse batches while `max_batched` texts are admitted; run `max_running` at once."""
        self._max_batched, self._batched = max_batched, 0
        self._turns = asyncio.Semaphore(max_running)

    async def run(self, work: Callable[[T], Awaitable[U]], texts: Sequence[T]) -> list[U]:
        """Call `work` on each text, and return the results in order.

        Raises:
            OverloadedError: too many texts have been admitted.
        """
        if self._batched >= self._max_batched:
            raise OverloadedError(
                f"{self._batched} texts of batches are in progress; try again in a second", 1.0
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

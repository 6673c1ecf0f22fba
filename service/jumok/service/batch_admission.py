"""Admission control for batch calls, whose texts are queued a few at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from jumok.service.caller import Caller
from jumok.service.errors import OverloadedError
from jumok.service.fair_queue import fair_share

T = TypeVar("T")
U = TypeVar("U")


@dataclass(slots=True)
class _Batches:
    """The admitted batches of one caller."""

    share: float
    turns: asyncio.Semaphore
    texts: int = 0


class BatchAdmission:
    """Limits the batch texts that are admitted, and those of each caller that run at once.

    Batches therefore never fill the scheduler's queue, which they share with streams.
    """

    def __init__(self, max_batched: int, max_running: int) -> None:
        """Admit texts until there are `max_batched`; run `max_running` of each caller at once.

        Callers share `max_batched`; the last batch of each of them may exceed it.
        """
        self._max_batched, self._max_running = max_batched, max_running
        self._callers: dict[str, _Batches] = {}

    async def run(
        self, work: Callable[[T], Awaitable[U]], texts: Sequence[T], caller: Caller
    ) -> list[U]:
        """Call `work` on each text of a caller's batch, and return the results in order.

        Raises:
            OverloadedError: too many texts of the caller have been admitted.
        """
        batches = self._callers.get(caller.name) or _Batches(
            caller.share, asyncio.Semaphore(self._max_running)
        )
        shares = {name: each.share for name, each in self._callers.items()}
        if batches.texts >= fair_share(self._max_batched, caller, shares):
            raise OverloadedError(
                f"{batches.texts} texts of your batches are in progress; try again in a second", 1.0
            )

        async def in_turn(text: T) -> U:
            async with batches.turns:
                return await work(text)

        self._callers[caller.name] = batches
        batches.texts += len(texts)
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(in_turn(text)) for text in texts]
        finally:
            batches.texts -= len(texts)
            if not batches.texts:
                del self._callers[caller.name]
        return [task.result() for task in tasks]

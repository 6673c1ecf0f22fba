"""Admission control for batch calls, whose texts are queued a few at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from jumok.service.errors import InvalidRequestError, OverloadedError, ResponseFullError
from jumok.service.response_size import FAILURE_BYTES

T = TypeVar("T")
U = TypeVar("U")


class BatchAdmission:
    """Limits the batch texts that are admitted, and those that run at once.

    Batches therefore never fill the scheduler's queue, which they share with streams.
    """

    def __init__(self, max_batched: int, max_running: int) -> None:
        """Admit at most `max_batched` texts; run `max_running` at once."""
        self._max_batched, self._batched = max_batched, 0
        self._turns = asyncio.Semaphore(max_running)

    async def run(self, work: Callable[[T], Awaitable[U]], texts: Sequence[T]) -> list[U]:
        """Call `work` on each text, and return the results in order.

        Raises:
            InvalidRequestError: there are more texts than can ever be admitted.
            OverloadedError: with these, too many texts would be admitted.
        """
        if len(texts) > self._max_batched:
            raise InvalidRequestError(
                "texts", f"there are {len(texts)} texts; send at most {self._max_batched}"
            )
        if self._batched + len(texts) > self._max_batched:
            raise OverloadedError(
                f"{self._batched} texts of batches are in progress, and at most "
                f"{self._max_batched} are allowed; try again in a second",
                1.0,
            )

        async def in_turn(text: T) -> U:
            return await work(text)

        self._batched += len(texts)
        tasks = []
        try:
            async with asyncio.TaskGroup() as group:
                for text in texts:  # tasks start one by one, so batches take turns
                    await self._turns.acquire()
                    task = group.create_task(in_turn(text))
                    # unlike a `finally` of the task, this runs even if it is cancelled at once
                    task.add_done_callback(lambda _: self._turns.release())
                    tasks.append(task)
        finally:
            self._batched -= len(texts)
        return [task.result() for task in tasks]


class BatchRoom:
    """The room that the response of a batch has for the outcomes of its texts.

    Attributes:
        size: the largest size of the response, in bytes.
    """

    def __init__(self, size: int, texts: int) -> None:
        """Leave room for the failure of each of `texts` texts."""
        self.size = max(size, FAILURE_BYTES * texts)
        self._left = self.size - FAILURE_BYTES * texts
        self._full = False

    def check(self) -> None:
        """Check that there is room for another translation.

        Raises:
            ResponseFullError: there is none.
        """
        if self._full:
            raise ResponseFullError

    def take(self, size: int) -> None:
        """Use the room for a translation of `size` bytes.

        Raises:
            ResponseFullError: there is too little.
        """
        more = max(0, size - FAILURE_BYTES)
        if more > self._left:
            self._full = True
            raise ResponseFullError
        self._left -= more

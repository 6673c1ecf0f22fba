"""Admission control for batch calls, whose texts are queued a few at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from jumok.service.caller import Caller
from jumok.service.errors import InvalidRequestError, OverloadedError, ResponseFullError
from jumok.service.fair_queue import fair_share
from jumok.service.response_size import FAILURE_BYTES

T = TypeVar("T")
U = TypeVar("U")

_NEXT: Final = "the next caller"
_RETRY_SECONDS: Final = 1.0


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
        """Admit at most `max_batched` texts; run `max_running` of each caller at once.

        A caller's first batch is admitted if there is room for it. With further ones a caller must
        stay within its share of `max_batched`, which leaves a share to one more caller.
        """
        self._max_batched, self._max_running = max_batched, max_running
        self._callers: dict[str, _Batches] = {}

    async def run(
        self, work: Callable[[T], Awaitable[U]], texts: Sequence[T], caller: Caller
    ) -> list[U]:
        """Call `work` on each text of a caller's batch, and return the results in order.

        Raises:
            InvalidRequestError: there are more texts than can ever be admitted.
            OverloadedError: with these, too many texts would be admitted.
        """
        batches = self._callers.get(caller.name) or _Batches(
            caller.share, asyncio.Semaphore(self._max_running)
        )
        self._check(caller, batches.texts, len(texts))
        self._callers[caller.name] = batches
        batches.texts += len(texts)

        async def in_turn(text: T) -> U:
            return await work(text)

        tasks = []
        try:
            async with asyncio.TaskGroup() as group:
                for text in texts:  # tasks start one by one, so batches take turns
                    await batches.turns.acquire()
                    task = group.create_task(in_turn(text))
                    # unlike a `finally` of the task, this runs even if it is cancelled at once
                    task.add_done_callback(lambda _: batches.turns.release())
                    tasks.append(task)
        finally:
            batches.texts -= len(texts)
            if not batches.texts:
                del self._callers[caller.name]
        return [task.result() for task in tasks]

    def _check(self, caller: Caller, admitted: int, more: int) -> None:
        """Check that `more` texts of a caller can be admitted, beside its `admitted` ones."""
        if more > self._max_batched:
            raise InvalidRequestError(
                "texts", f"there are {more} texts; send at most {self._max_batched}"
            )
        total = sum(each.texts for each in self._callers.values())
        if total + more > self._max_batched:
            raise OverloadedError(
                f"{total} texts of batches are in progress, and at most {self._max_batched} are "
                "allowed; try again in a second",
                _RETRY_SECONDS,
            )
        shares = {name: each.share for name, each in self._callers.items()} | {_NEXT: 1.0}
        if admitted and admitted + more > fair_share(self._max_batched, caller, shares):
            raise OverloadedError(
                f"{admitted} texts of your batches are in progress; try again in a second",
                _RETRY_SECONDS,
            )


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

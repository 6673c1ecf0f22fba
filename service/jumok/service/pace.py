"""The pace of the event loop: long work is done in pieces, between which others have their turn."""

import asyncio
from typing import Final

_SLICE: Final = 0.001
"""Seconds of work in one iteration of the loop after which further pieces wait for the next."""


class Pace:
    """Limits the work done in one iteration of the event loop.

    Many calls may become ready in the same iteration, for example when sentences that were decoded
    together end together, and the loop serves no other connection until all of them have run.
    """

    def __init__(self) -> None:
        """Start with an idle loop."""
        self._begun = 0.0  # when the first piece of this iteration began; 0 if none did

    async def turn(self) -> None:
        """Call this before each piece of work; it waits if this iteration has had enough of them.

        A piece should take a few milliseconds at most.
        """
        loop = asyncio.get_running_loop()
        while self._begun and loop.time() - self._begun > _SLICE:  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(0)
        if not self._begun:
            self._begun = loop.time()
            loop.call_soon(self._end)  # runs in the next iteration

    def _end(self) -> None:
        self._begun = 0.0

"""An outbox: events of one sentence, on their way from the engine to a reader."""

import asyncio
from collections.abc import Callable

from jumok.service.draft import Timed
from jumok.service.events import Decided


class Outbox:
    """Events for one reader, who takes several at once when they come faster than messages may.

    A message costs the event loop as much as many tokens do. So each stream pauses after one, the
    longer the more streams there are; the first token and the end of a sentence never wait. Who
    wants but the whole is not woken before the end. It is bounded by the most tokens that a
    translation may have.
    """

    def __init__(self, pause: Callable[[], float] | None) -> None:
        """Start empty, on the running event loop.

        `pause` says how long to wait, in seconds; None: to the end.
        """
        self._pause = pause
        self._loop = asyncio.get_running_loop()
        self._events: list[Timed] = []
        self._ready = asyncio.Event()
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def put(self, event: Timed) -> None:
        """Put in an event."""
        self._events.append(event)
        if not isinstance(event[1], Decided):
            self._ready.set()
        elif self._pause is None:
            return
        elif self._loop.time() >= self._due:
            self._ready.set()
        elif self._timer is None:
            self._timer = self._loop.call_at(self._due, self._ready.set)

    async def take(self) -> list[Timed]:
        """Wait until there is something to send, and take all of it."""
        await self._ready.wait()
        self._ready.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        events, self._events = self._events, []
        if self._pause is not None:
            self._due = self._loop.time() + self._pause()
        return events

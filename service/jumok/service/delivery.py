"""Delivery of updates from the engine's thread to the readers on the event loop."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from jumok.decoding.hypothesis import ScoredHypothesis, TokenSequence
from jumok.service.call_record import current_call
from jumok.service.caller import Caller
from jumok.service.errors import EngineError, ServiceError, UnavailableError
from jumok.service.job import Job, Update
from jumok.service.metrics import Metrics
from jumok.service.model import ServedModel
from jumok.service.scheduler import Scheduler

_JOIN_SECONDS = 0.02
_WOKEN = 8


class Outbox:
    """The progress of one job, for one reader.

    Sending a message costs the event loop as much as many tokens. Each stream therefore pauses
    after a message, longer when there are more streams, and tokens that arrive during the pause
    share the next message. The first token and the result are never delayed. Readers that do not
    stream are woken once, at the end.

    Attributes:
        decided: number of decided tokens.
        provisional: tokens that would follow them if the search ended now; None if there are none.
        hypotheses: the finished hypotheses, best first; empty until the end.
        first: when the first token was delivered, in seconds of `time.monotonic`; 0 before.
        last: when the latest token was delivered.
    """

    def __init__(self, pause: Callable[[], float] | None) -> None:
        """Create an empty outbox on the running event loop.

        `pause` returns the seconds to pause after a message; None wakes the reader only at the end.
        """
        self.decided = 0
        self.provisional: TokenSequence | None = None
        self.hypotheses: Sequence[ScoredHypothesis] = ()
        self.first = self.last = 0.0
        self._error: ServiceError | None = None
        self._pause = pause
        self._loop = asyncio.get_running_loop()
        self._changed = False
        self._reader: asyncio.Future[None] | None = None
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def put(self, update: Update, now: float) -> None:
        """Store an update that arrived at `now`, in seconds of `time.monotonic`."""
        if update.decided > self.decided:
            self.first = self.first or now
            self.last = now
            self.decided = update.decided
        self.provisional = update.provisional or None
        outcome = update.outcome
        if isinstance(outcome, ServiceError):
            self._error = outcome
        elif outcome is not None:
            self.hypotheses = outcome
        elif self._pause is None:
            return
        elif self._loop.time() < self._due:
            if self._timer is None:
                self._timer = self._loop.call_at(self._due, self._wake)
            return
        self._wake()

    async def change(self) -> None:
        """Wait until there is something to send.

        Raises:
            ServiceError: the job failed or expired.
        """
        if not self._changed:
            self._reader = self._loop.create_future()
            await self._reader
        self._changed = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._error is not None:
            raise self._error
        if self._pause is not None:
            self._due = self._loop.time() + self._pause()

    def _wake(self) -> None:
        self._changed = True
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)


class Delivery:
    """Hands jobs to the scheduler and its updates to the outboxes."""

    def __init__(
        self,
        *,
        max_rows: int,
        max_queue: int,
        max_encoded: int,
        join_steps: int,
        messages_per_second: float,
        step_seconds: float = float("inf"),
        metrics: Metrics | None = None,
    ) -> None:
        """Prepare to run; see `Scheduler` for the limits and metrics.

        `messages_per_second` limits all streams together; tokens that come faster share messages.
        """
        self._scheduler = Scheduler(
            self._deliver,
            max_rows=max_rows,
            max_queue=max_queue,
            max_encoded=max_encoded,
            join_steps=join_steps,
            step_seconds=step_seconds,
            metrics=metrics,
        )
        if metrics is not None:
            metrics.watch_scheduler(self._scheduler)
        self._messages_per_second = messages_per_second
        self._streams = 0
        self._outboxes: dict[Job, Outbox] = {}
        self._updates: deque[Update] = deque()  # not in the outboxes yet

    def start(self) -> None:
        """Start the engine's thread; updates will arrive on the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._scheduler.start()

    async def stop(self, seconds: float) -> bool:
        """Finish the running jobs, then end the engine's thread.

        Returns:
            Whether it ended within `seconds`; if not, the engine hangs.
        """
        end = self._loop.time() + seconds
        # not joined in an executor's thread, for which the interpreter would wait at its end
        while not self._scheduler.stop(timeout=0) and self._loop.time() < end:  # noqa: ASYNC110 - polled
            await asyncio.sleep(_JOIN_SECONDS)
        return self._scheduler.ended

    def retire(self, model: ServedModel) -> None:
        """Release what the scheduler holds for a model, once its jobs are done."""
        self._scheduler.retire(model)

    @property
    def works(self) -> bool:
        """Whether the engine works; if not, a restart may help."""
        return self._scheduler.works

    def check(self, caller: Caller, deadline: float) -> None:
        """Raise what `running` would raise for a short sentence; cheaper than preparing a job."""
        self._scheduler.check(caller, deadline)

    def watch(self) -> bool:
        """End all jobs if the engine hangs or has stopped; return whether it works."""
        error: ServiceError | None = None
        if self._scheduler.ended:
            error = EngineError("the engine has stopped; see the log of the service")
        elif self._scheduler.hangs:
            error = UnavailableError("the engine does not respond; use another server")
        if error is not None:
            self.distribute([Update(job, 0, outcome=error) for job in self._outboxes])
        return self.works

    @contextmanager
    def running(
        self, job: Job, streamed: bool, counted: bool = True, recorded: bool = True
    ) -> Iterator[Outbox]:
        """Run a job; leaving the context cancels it if it has not finished.

        `counted` tells whether it counts as a stream that sends messages, `recorded` whether it is
        observed as a text of the call.

        Raises:
            OverloadedError: too many sentences are waiting.
            EngineError: the engine's thread is not running.
            UnavailableError: the engine hangs.
        """
        outbox = self._outboxes[job] = Outbox(self._pause if streamed else None)
        self._streams += streamed and counted
        try:
            self._scheduler.submit(job)
            try:
                yield outbox
            finally:
                if recorded:
                    current_call().text_ended(job, outbox.decided)
        finally:
            job.cancelled = True
            self._streams -= streamed and counted
            del self._outboxes[job]

    def _pause(self) -> float:
        """Return how long each stream pauses after a message, in seconds."""
        return self._streams / self._messages_per_second

    def _deliver(self, updates: Sequence[Update]) -> None:
        # on the engine's thread: one call per round of steps, not one per token
        self._loop.call_soon_threadsafe(self.distribute, updates)

    def distribute(self, updates: Sequence[Update]) -> None:
        """Put updates into the outboxes, on the event loop.

        gRPC accepts one call of each method in some iterations of the loop. So that calls are
        accepted quickly, an iteration wakes only a few readers.
        """
        idle = not self._updates
        self._updates.extend(updates)
        if idle:
            self._wake_readers()

    def _wake_readers(self) -> None:
        now = time.monotonic()
        for _ in range(min(_WOKEN, len(self._updates))):
            update = self._updates.popleft()
            if (outbox := self._outboxes.get(update.job)) is not None:
                outbox.put(update, now)
        if self._updates:
            self._loop.call_soon(self._wake_readers)

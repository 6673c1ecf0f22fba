"""The scheduler: decides at each step which sentences run, on the engine's own thread."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence

import structlog

from service.engine import Engine
from service.errors import EngineError, OverloadedError
from service.events import Decided, EngineEvent, Failed, Finished, FinishReason
from service.lane import Lane

_log = structlog.get_logger()
_NARROWEST = 16  # source positions of the narrowest lane; each next one is twice as wide


class Job:
    """A sentence on its way through the engine.

    Attributes:
        source: token ids, ended.
        max_tokens: the most tokens to decide, the end not counted.
        arrived: when it was made; like all times, in seconds of `time.monotonic`.
        started: when its encoding began.
        cancelled: set by anyone at any time; its row is freed before the next step.
    """

    __slots__ = ("arrived", "cancelled", "decided", "max_tokens", "source", "started")

    def __init__(self, source: Sequence[int], max_tokens: int) -> None:
        self.source = source
        self.max_tokens = max_tokens
        self.arrived = time.monotonic()
        self.started = 0.0
        self.cancelled = False
        self.decided = 0


Deliver = Callable[[Sequence[tuple[Job, EngineEvent]]], None]


class Scheduler:
    """Runs jobs together, greedily; they join and leave between steps.

    What a job gets never depends on its company.
    """

    def __init__(
        self,
        engine: Engine,
        deliver: Deliver,
        *,
        begin: int,
        end: int,
        max_source: int,
        max_rows: int,
        max_queue: int,
    ) -> None:
        """Prepare to run; `start` does.

        Args:
            engine: used by the scheduler's thread alone.
            deliver: called on that thread, once a step, with all that the step decided.
            begin: token id before the first.
            end: token id that ends a sentence.
            max_source: the longest source, in tokens, the end counted.
            max_rows: sentences that are stepped together.
            max_queue: sentences that may wait.
        """
        self._deliver, self._end = deliver, end
        self._max_rows, self._max_queue = max_rows, max_queue
        self._lanes = [Lane[Job](engine, width, max_rows, begin) for width in _widths(max_source)]
        self._waiting: deque[Job] = deque()
        self._joining: list[Job] = []  # taken from the queue, not yet in a lane
        self._wake = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    def start(self) -> None:
        """Start the engine's thread."""
        self._thread.start()

    def stop(self) -> None:
        """Finish all jobs, then end the thread."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        self._thread.join()

    def submit(self, job: Job) -> None:
        """Queue a job.

        Raises:
            OverloadedError: too many wait.
            EngineError: the engine's thread is not running.
        """
        with self._wake:
            if not self._thread.is_alive():
                raise EngineError("the engine has stopped; the log says why")
            if len(self._waiting) >= self._max_queue:
                self._waiting = deque(job for job in self._waiting if not job.cancelled)
            if len(self._waiting) >= self._max_queue:
                raise OverloadedError(
                    f"{self._max_queue} sentences already wait; try again in a second", 1.0
                )
            self._waiting.append(job)
            self._wake.notify()

    @property
    def running(self) -> int:
        """Rows in use, as of the last step."""
        return sum(len(lane.members) for lane in self._lanes)

    def _run(self) -> None:
        while True:
            with self._wake:
                while not (self._waiting or self.running or self._stopping):
                    self._wake.wait()
                if not (self._waiting or self.running):
                    return
            events: list[tuple[Job, EngineEvent]] = []
            try:
                self._release_cancelled()
                self._admit()
                for lane in self._lanes:
                    if lane.members:
                        events.extend(self._step(lane))
            except Exception:  # the thread must outlive whatever one batch does to the engine
                _log.exception("the engine failed; its running sentences are given up")
                events.extend(
                    (job, Failed("the engine failed; the log says why")) for job in self._give_up()
                )
            if events:
                self._deliver(events)

    def _release_cancelled(self) -> None:
        for lane in self._lanes:
            for row in reversed(range(len(lane.members))):
                if lane.members[row].cancelled:
                    lane.release(row)

    def _admit(self) -> None:
        free = self._max_rows - self.running
        with self._wake:
            while self._waiting and len(self._joining) < free:
                job = self._waiting.popleft()
                if not job.cancelled:
                    job.started = time.monotonic()
                    self._joining.append(job)
        narrower = 0
        for lane in self._lanes:
            fitting = [job for job in self._joining if narrower < len(job.source) <= lane.width]
            if fitting:
                lane.admit(fitting, [job.source for job in fitting])
            narrower = lane.width
        self._joining.clear()

    def _step(self, lane: Lane[Job]) -> Iterable[tuple[Job, EngineEvent]]:
        stepped = lane.step()
        token_ids = stepped.token_ids[:, 0, 0].tolist()
        log_probs = stepped.log_probs[:, 0, 0].tolist()
        for row in reversed(range(len(lane.members))):
            job, token_id = lane.members[row], token_ids[row]
            reason = None
            if token_id == self._end:
                reason = FinishReason.END_OF_SENTENCE
            elif job.decided == job.max_tokens:
                reason = FinishReason.LENGTH
            if reason is not FinishReason.LENGTH:
                attention = stepped.attention[row, 0, : len(job.source)]
                yield job, Decided(token_id, log_probs[row], attention)
                job.decided += 1
            if reason is not None:
                yield job, Finished(reason)
                lane.release(row)

    def _give_up(self) -> set[Job]:
        jobs = {job for lane in self._lanes for job in lane.members} | set(self._joining)
        for lane in self._lanes:
            lane.members.clear()
        self._joining.clear()
        return jobs


def _widths(longest: int) -> list[int]:
    """Double the width from lane to lane; one of little more than another would be for nothing."""
    widths = [_NARROWEST]
    while 1.25 * widths[-1] < longest:
        widths.append(2 * widths[-1])
    return [*widths[:-1], longest]

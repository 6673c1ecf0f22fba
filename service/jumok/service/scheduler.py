"""The scheduler: decides at each step which sentences run, on the engine's own thread."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence

import structlog

from jumok.decoding.batch_search import pad_sources, whole_width
from jumok.runtime.engine import Engine
from jumok.service.errors import EngineError, OverloadedError
from jumok.service.events import Decided, EngineEvent, Expired, Failed, Finished
from jumok.service.job import Job
from jumok.service.lane import Lane

_log = structlog.get_logger()
_NARROW = 32
"""Source positions of the narrow lane; the other is for the longest. A step costs as much as five
rows before its first row, a position a fiftieth of a row: more lanes than two do not pay."""

_MANY_LANES = 8
_MOST_FAILURES = 3

Deliver = Callable[[Sequence[tuple[Job, EngineEvent]]], None]


class Scheduler:
    """Runs jobs together; they join and leave between steps.

    What a job gets never depends on its company.
    """

    def __init__(
        self,
        engine: Engine,
        deliver: Deliver,
        *,
        max_source: int,
        max_rows: int,
        max_queue: int,
        max_encoded: int,
        join_steps: int,
    ) -> None:
        """Prepare to run; `start` does.

        Args:
            engine: used by the scheduler's thread alone.
            deliver: called on that thread, once a step, with all that the step decided.
            max_source: the longest source, in tokens, the end counted.
            max_rows: hypotheses that are stepped together, no fewer than a job has.
            max_queue: sentences that may wait.
            max_encoded: source tokens, padding counted, that are encoded between two steps, or one
                sentence.
            join_steps: that a sentence may wait for others to be encoded with, while some run.
        """
        self._engine, self._deliver = engine, deliver
        self._max_rows, self._max_queue, self._max_encoded = max_rows, max_queue, max_encoded
        self._join_steps, self._waited = join_steps, 0
        longest = whole_width(max_source)
        self._widths = sorted({min(_NARROW, longest), longest})
        self._lanes: dict[tuple[int, int], Lane] = {}
        self._waiting: deque[Job] = deque()
        self._late: list[Job] = []  # had to make room in the queue
        self._joining: list[Job] = []  # taken from the queue, not yet in a lane
        self._wake = threading.Condition()
        self._stopping = False
        self._failures = 0  # in a row
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
                now = time.monotonic()
                wanted = [job for job in self._waiting if job.is_wanted(now)]
                self._late += [job for job in self._waiting if not job.is_wanted(now)]
                self._waiting = deque(wanted)
            if len(self._waiting) >= self._max_queue:
                raise OverloadedError(
                    f"{self._max_queue} sentences already wait; try again in a second", 1.0
                )
            self._waiting.append(job)
            self._wake.notify()

    @property
    def running(self) -> int:
        """Hypotheses in use, as of the last step."""
        return sum(lane.beam * len(lane.jobs) for lane in self._lanes.values())

    @property
    def works(self) -> bool:
        """Whether the engine does what it is given, and does not fail again and again."""
        return self._thread.is_alive() and self._failures < _MOST_FAILURES

    def _run(self) -> None:
        while True:
            with self._wake:
                while not (self._waiting or self._late or self.running or self._stopping):
                    self._wake.wait()
                if not (self._waiting or self._late or self.running):
                    return
            events: list[tuple[Job, EngineEvent]] = []
            try:
                self._exchange(events)
                running = [lane for lane in self._lanes.values() if lane.jobs]
                for place, lane in enumerate(running):
                    if place:  # who comes or goes waits for one lane's step, not for all
                        self._exchange(events)
                    if lane.jobs:
                        lane.step()
                        events.extend(_collect(lane))
                        self._failures = 0
            except Exception:  # the thread must outlive whatever one batch does to the engine
                _log.exception("the engine failed; its running sentences are given up")
                self._failures += 1
                events.extend(
                    (job, Failed("the engine failed; the log says why")) for job in self._give_up()
                )
            if events:
                self._deliver(events)

    def _exchange(self, events: list[tuple[Job, EngineEvent]]) -> None:
        """Free the rows of who is not wanted any more, which is added to the events; admit."""
        now = time.monotonic()
        for lane in self._lanes.values():
            for row in reversed(range(len(lane.jobs))):
                job = lane.jobs[row]
                if not job.is_wanted(now):
                    lane.release(row)
                    events.append((job, Expired()))
        self._admit(events)

    def _admit(self, events: list[tuple[Job, EngineEvent]]) -> None:
        """Give rows to those that waited longest; add to the events who is not wanted any more.

        A pass of the encoder takes little longer for several sentences than for one.
        """
        if self.running and self._waiting and self._waited < self._join_steps:
            self._waited += 1
            return
        self._waited = 0
        rows, longest = self._max_rows - self.running, 0
        with self._wake:
            now = time.monotonic()
            events.extend((job, Expired()) for job in self._late)
            self._late.clear()
            while self._waiting:
                job = self._waiting[0]
                if not job.is_wanted(now):
                    events.append((self._waiting.popleft(), Expired()))
                    continue
                longest = max(longest, len(job.source))
                padded = longest * (len(self._joining) + 1)
                if job.search.beam > rows or (self._joining and padded > self._max_encoded):
                    break
                rows -= job.search.beam
                job.started = now
                self._joining.append(self._waiting.popleft())
        if self._joining:
            source_ids, lengths = pad_sources([job.source for job in self._joining])
            encoded = self._engine.encode(source_ids, lengths)
            for row, job in enumerate(self._joining):
                width = next(width for width in self._widths if len(job.source) <= width)
                self._lane(job.search.beam, width).admit(job, encoded, row)
            self._joining.clear()

    def _lane(self, beam: int, width: int) -> Lane:
        """Return the lane for sentences of a width; make it if need be.

        There can be a hundred kinds: when there are many, those that stand empty are given up.
        """
        if (lane := self._lanes.get((beam, width))) is None:
            if len(self._lanes) >= _MANY_LANES:
                self._lanes = {place: lane for place, lane in self._lanes.items() if lane.jobs}
            lane = self._lanes[beam, width] = Lane(
                self._engine, beam, width, self._max_rows // beam
            )
        return lane

    def _give_up(self) -> set[Job]:
        jobs = {job for lane in self._lanes.values() for job in lane.jobs} | set(self._joining)
        self._lanes.clear()
        self._joining.clear()
        return jobs


def _collect(lane: Lane) -> Iterator[tuple[Job, EngineEvent]]:
    """Say what the last step of a lane decided, and release who is done."""
    for row in reversed(range(len(lane.jobs))):
        job = lane.jobs[row]
        search = job.search
        decided = search.decided()
        revised = search.provisional() if job.revisions and not search.done else ()
        if decided or revised:
            yield job, Decided(tuple(decided), tuple(revised))
        if search.done:
            lane.release(row)
            yield job, Finished(tuple(search.hypotheses()))

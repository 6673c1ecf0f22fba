"""The scheduler: continuous batching, on the engine's own thread."""

import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import structlog

from jumok.decoding.batch_search import pad_sources, whole_width
from jumok.decoding.driver import BadOutputError, Driver
from jumok.service.caller import Caller
from jumok.service.drain_rate import DrainRate
from jumok.service.errors import (
    DeadlineError,
    EngineError,
    OverloadedError,
    ServiceError,
    UnavailableError,
)
from jumok.service.fair_queue import FairQueue, fair_share
from jumok.service.job import Job, Update
from jumok.service.lane_turns import LaneTurns
from jumok.service.metrics import LaneRows, Metrics
from jumok.service.model import ServedModel

_log = structlog.get_logger()
_NARROW = 32
"""Source positions of the narrow lane; the other lane is as wide as the longest source. The fixed
cost of a step is that of about five rows, and a source position costs a fiftieth of a row, so more
than two lanes do not pay off."""

_MANY_LANES = 8
_MOST_FAILURES = 3
_LIGHT: Final = 16
"""A job is light if it needs at most this fraction of the rows."""

_RESERVE: Final = 2
"""Light jobs of callers that hold few rows may run beyond `max_rows`, up to this multiple."""

_SWEEP_SECONDS: Final = 0.1


Lane = Driver[Job]
"""The running sentences of one model and beam width, and of similar length."""

Deliver = Callable[[Sequence[Update]], None]


class Scheduler:
    """Runs the jobs of all models, admitting and releasing them between steps.

    The result of a job never depends on the jobs that it is batched with.
    """

    def __init__(
        self,
        deliver: Deliver,
        *,
        max_rows: int,
        max_queue: int,
        max_encoded: int,
        join_steps: int,
        step_seconds: float = float("inf"),
        metrics: Metrics | None = None,
    ) -> None:
        """Prepare to run; `start` starts the thread.

        Args:
            deliver: called on the engine's thread, once per round of steps, with all updates.
            max_rows: maximum number of hypotheses stepped together; at least the widest beam.
            max_queue: maximum number of waiting sentences.
            max_encoded: maximum number of source tokens, including padding, encoded between two
                steps; a single sentence may exceed it.
            join_steps: maximum number of steps that a sentence waits to be encoded together with
                others, while other sentences run.
            step_seconds: the engine is taken to hang if a step or an encoder pass takes longer.
            metrics: receives the durations of steps and encodings.
        """
        self._metrics = metrics or Metrics()
        self._deliver = deliver
        self._max_rows, self._max_queue, self._max_encoded = max_rows, max_queue, max_encoded
        self._join_steps, self._waited = join_steps, 0
        self._step_seconds = step_seconds
        self._began: float | None = None  # when the current step began; None while idle
        self._lanes: dict[tuple[ServedModel, int, int, bool], Lane] = {}
        self._turns: LaneTurns[Lane] = LaneTurns()
        self._waiting: FairQueue[Job] = FairQueue()
        self._queued: Counter[str] = Counter()  # waiting jobs of each caller, batches excepted
        self._next: Job | None = None  # taken from the queue, waits for its rows
        self._late: list[Job] = []  # removed from the queue, not reported yet
        self._joining: list[Job] = []  # taken from the queue, not yet in a lane
        self._retired: weakref.WeakSet[ServedModel] = weakref.WeakSet()
        self._rows: dict[str, int] = {}  # held by each caller
        self._extra_rows = 0  # of jobs that passed others, beyond `max_rows`
        self._shares: dict[str, float] = {}  # of the callers that hold rows
        self._rate = DrainRate()
        self._round_seconds = 0.0
        self._swept = 0.0
        self._wake = threading.Condition()
        self._stopping = False
        self._failures = 0  # in a row
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    def start(self) -> None:
        """Start the engine's thread."""
        self._thread.start()

    def stop(self, timeout: float | None = None) -> bool:
        """Finish all jobs, then end the thread; return whether it ended within `timeout`."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def submit(self, job: Job) -> None:
        """Queue a job.

        Raises:
            OverloadedError: too many sentences are waiting, or the job would wait longer than its
                caller does.
            EngineError: the engine's thread is not running.
            UnavailableError: the engine hangs.
        """
        with self._wake:
            self._check(job.caller, job.deadline, len(job.source), job.cost, job.batched)
            self._waiting.put(job.caller, job, job.cost)
            self._queued[job.caller.name] += not job.batched
            self._wake.notify()

    def retire(self, model: ServedModel) -> None:
        """Finish the jobs of a model, and release its lanes whenever they are empty."""
        with self._wake:
            self._retired.add(model)
            self._wake.notify()

    def check(self, caller: Caller, deadline: float) -> None:
        """Raise what `submit` would raise for a short sentence; cheaper than creating the job."""
        with self._wake:
            self._check(caller, deadline, 1, 1, False)

    def _check(
        self, caller: Caller, deadline: float, steps: int, cost: float, batched: bool
    ) -> None:
        if not self._thread.is_alive():
            raise EngineError("the engine has stopped; see the log of the service")
        if self.hangs:
            raise UnavailableError("the engine does not respond; use another server")
        now = time.monotonic()
        if not batched and self._is_full(caller):
            self._sweep(now)
            if self._is_full(caller):
                raise OverloadedError(
                    f"{self._queued.total()} sentences are already waiting; try again later",
                    max(1.0, self._rate.seconds(self._waiting.ahead(caller, cost))),
                )
        wait = self._rate.seconds(self._waiting.ahead(caller, cost))
        needed = wait + steps * self._round_seconds
        if wait and now + needed > deadline:
            raise OverloadedError(
                f"the translation would take more than {needed:.2f} seconds, but the deadline is "
                f"in {max(0.0, deadline - now):.2f}; try again later",
                wait,
            )

    def _is_full(self, caller: Caller) -> bool:
        """Return whether a caller's share of the queue, or the whole queue, is full."""
        share = fair_share(self._max_queue, caller, self._waiting.shares)
        return (
            self._queued[caller.name] >= share or self._queued.total() >= _RESERVE * self._max_queue
        )

    @property
    def running(self) -> int:
        """Number of rows in use after the last step."""
        return sum(self._rows.values())

    @property
    def waiting(self) -> int:
        """Number of waiting sentences; may be read on any thread."""
        return len(self._waiting)

    @property
    def lane_rows(self) -> Sequence[LaneRows]:
        """The hypotheses in use in each lane; may be read on any thread."""
        return [
            LaneRows(model.description.name, beam, width, beam * len(lane.sentences))
            for (model, beam, width, _), lane in list(self._lanes.items())
        ]

    @property
    def works(self) -> bool:
        """Whether the engine runs, and has not failed several times in a row.

        One output that cannot be right counts as several failures.
        """
        return self._thread.is_alive() and not self.hangs and self._failures < _MOST_FAILURES

    @property
    def ended(self) -> bool:
        """Whether the engine's thread has ended."""
        return not self._thread.is_alive()

    @property
    def hangs(self) -> bool:
        """Whether a step or an encoder pass has been running for too long."""
        began = self._began
        return began is not None and time.monotonic() - began > self._step_seconds

    def _run(self) -> None:
        while True:
            with self._wake:
                self._began = None
                self._release_retired()
                while not (self._has_work or self._stopping):
                    self._wake.wait()
                    self._release_retired()
                if not self._has_work:
                    return
            self._step_lanes()

    def _step_lanes(self) -> None:
        """Step the lanes that are due; a method of its own, so that no variable keeps a lane."""
        updates: list[Update] = []
        began = time.monotonic()
        try:
            self._exchange(updates)
            for place, lane in enumerate(self._due()):
                if place:  # admit and release between lanes, not only between rounds
                    self._exchange(updates)
                if lane.sentences:
                    self._began = stepped = time.monotonic()
                    lane.step()
                    model = lane.sentences[0].model.description.name
                    self._metrics.stepped(model, time.monotonic() - stepped)
                    updates.extend(self._collect(lane))
                    self._failures = 0
        except Exception as error:  # the thread must survive a failing batch
            self._began = None
            _log.exception("the engine failed; its running sentences fail with it")
            self._failures += _MOST_FAILURES if isinstance(error, BadOutputError) else 1
            updates.extend(
                _ended(job, EngineError("the engine failed; see the log of the service"))
                for job in self._give_up()
            )
        self._round_seconds += 0.1 * (time.monotonic() - began - self._round_seconds)
        if updates:
            self._deliver(updates)

    def _release_retired(self) -> None:
        kept = {
            place: lane
            for place, lane in self._lanes.items()
            if lane.sentences or place[0] not in self._retired
        }
        if len(kept) < len(self._lanes):
            self._lanes, self._turns = kept, LaneTurns()  # turns refer to lanes as well

    @property
    def _has_work(self) -> bool:
        return bool(self._waiting or self._next or self._late or self._rows)

    def _due(self) -> list[Lane]:
        """Return the lanes that step in this round."""
        running = [lane for lane in self._lanes.values() if lane.sentences]
        if len(running) == 1:
            return running
        return self._turns.due(
            {
                lane: max(job.caller.share / self._rows[job.caller.name] for job in lane.sentences)
                for lane in running
            }
        )

    def _exchange(self, updates: list[Update]) -> None:
        """Release the rows of cancelled and expired jobs, and report them; admit waiting ones."""
        self._began = now = time.monotonic()
        for lane in self._lanes.values():
            for row in reversed(range(len(lane.sentences))):
                job = lane.sentences[row]
                if not job.is_wanted(now):
                    self._release(lane, row)
                    updates.append(_expired(job))
        self._admit(updates)

    def _admit(self, updates: list[Update]) -> None:
        """Give rows to waiting jobs, in fair turns; report cancelled and expired ones.

        An encoder pass takes little longer for several sentences than for one.
        """
        waiting = self._waiting or self._next
        if self._rows and waiting and self._waited < self._join_steps:
            self._waited += 1
            return
        self._waited = 0
        with self._wake:
            now = time.monotonic()
            if now - self._swept > _SWEEP_SECONDS:
                self._sweep(now)
            updates.extend(map(_expired, self._late))
            self._late.clear()
            while (job := self._take()) is not None:
                if job.is_wanted(now):
                    job.started = now
                    self._joining.append(job)
                    self._hold(job)
                else:
                    updates.append(_expired(job))
            self._rate.note(now, waits=bool(self._waiting))
        for model in dict.fromkeys(job.model for job in self._joining):
            jobs = [job for job in self._joining if job.model is model]
            source_ids, lengths = pad_sources([job.source for job in jobs])
            began = time.monotonic()
            encoded = model.engine.encode(source_ids, lengths)
            ended = time.monotonic()
            self._metrics.encoded(model.description.name, ended - began)
            for row, job in enumerate(jobs):
                job.encoded = ended
                self._lane(job).admit(job, encoded, row)
        self._joining.clear()

    def _take(self) -> Job | None:
        """Take the next job that may join.

        A caller that holds rows gets more only within its share of them. When the next job must
        wait for rows, light jobs of callers that hold few go before it, because a job with a wide
        beam can hold its rows for a long time. They get rows beyond `max_rows`, so that the others
        become free in time.
        """
        shares = self._shares | self._waiting.shares
        if self._next is not None:
            shares[self._next.caller.name] = self._next.caller.share

        def has_share(job: Job) -> bool:
            held = self._rows.get(job.caller.name, 0)
            return not held or held + job.rows <= fair_share(self._max_rows, job.caller, shares)

        def is_light(job: Job) -> bool:
            return (
                job.rows * _LIGHT <= self._max_rows
                and self._extra_rows + job.rows <= (_RESERVE - 1) * self._max_rows
                and self._can_encode(job)
                and has_share(job)
            )

        if self._next is None:
            self._next = self._waiting.take(has_share)
        job = self._next
        if job is None:
            return None
        free = self._max_rows - (self.running - self._extra_rows)
        if min(job.rows, self._max_rows) <= free and self._can_encode(job):
            self._next = None
        else:
            job = self._waiting.take(is_light)
            if job is not None:
                job.extra = True
        if job is not None:
            self._rate.take(job.cost)
            self._forget(job)
        return job

    def _can_encode(self, job: Job) -> bool:
        """Return whether a job can join the next encoder pass."""
        longest = max(len(each.source) for each in (*self._joining, job))
        return not self._joining or longest * (len(self._joining) + 1) <= self._max_encoded

    def _sweep(self, now: float) -> None:
        """Remove cancelled and expired jobs from the queue."""
        self._swept = now
        late = self._waiting.discard(lambda job: not job.is_wanted(now))
        if self._next is not None and not self._next.is_wanted(now):
            late.append(self._next)
            self._next = None
        for job in late:
            self._forget(job)
        self._late += late

    def _forget(self, job: Job) -> None:
        """Count a job as waiting no longer."""
        self._queued[job.caller.name] -= not job.batched
        if not self._queued[job.caller.name]:
            del self._queued[job.caller.name]

    def _lane(self, job: Job) -> Lane:
        """Return the lane of a job, creating it if necessary.

        Combinations are numerous, so empty lanes are dropped once there are many lanes.
        """
        longest = whole_width(job.model.limits.max_source_tokens + 1)
        width = min(_NARROW, longest) if len(job.source) <= _NARROW else longest
        # posterior attention and views make steps expensive, so they have lanes of their own
        expensive = job.posterior is not None or job.view is not None
        place = job.model, job.search.beam, width, expensive
        if (lane := self._lanes.get(place)) is None:
            if len(self._lanes) >= _MANY_LANES:
                self._lanes = {place: lane for place, lane in self._lanes.items() if lane.sentences}
                self._turns = LaneTurns()  # turns refer to lanes as well
            beam = job.search.beam
            most = self._max_rows * (_RESERVE if beam * _LIGHT <= self._max_rows else 1)
            rows = job.model.engine.rows(beam, width, most // beam)
            vocabulary = job.model.target_tokenizer.vocabulary_size
            lane = self._lanes[place] = Lane(job.model.engine, rows, beam, vocabulary)
        return lane

    def _collect(self, lane: Lane) -> Iterator[Update]:
        """Report the tokens decided by the last step of a lane, and release the finished jobs."""
        for row in reversed(range(len(lane.sentences))):
            job = lane.sentences[row]
            search = job.search
            if search.done:
                hypotheses = search.hypotheses()
                self._release(lane, row)
                yield Update(job, len(search.decided), outcome=hypotheses)
                continue
            decided = len(search.decided)
            provisional = search.provisional() if job.provisional else None
            if decided > job.reported or provisional:
                job.reported = decided
                yield Update(job, decided, provisional)

    def _hold(self, job: Job) -> None:
        name = job.caller.name
        self._rows[name] = self._rows.get(name, 0) + job.rows
        self._extra_rows += job.rows * job.extra
        self._shares[name] = job.caller.share

    def _release(self, lane: Lane, row: int) -> None:
        job = lane.sentences[row]
        lane.release(row)
        name = job.caller.name
        self._rows[name] -= job.rows
        self._extra_rows -= job.rows * job.extra
        if not self._rows[name]:
            del self._rows[name], self._shares[name]

    def _give_up(self) -> set[Job]:
        jobs = {job for lane in self._lanes.values() for job in lane.sentences} | set(self._joining)
        self._lanes.clear()
        self._turns = LaneTurns()
        self._joining.clear()
        self._rows.clear()
        self._extra_rows = 0
        self._shares.clear()
        return jobs


def _ended(job: Job, error: ServiceError) -> Update:
    return Update(job, len(job.search.decided), outcome=error)


def _expired(job: Job) -> Update:
    return _ended(job, DeadlineError("the deadline passed before the translation was complete"))

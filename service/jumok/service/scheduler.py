"""The scheduler: continuous batching, on the engine's own thread."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import structlog
from numpy.typing import NDArray

from jumok.decoding.batch_search import pad_sources, whole_width
from jumok.decoding.driver import Driver
from jumok.decoding.hypothesis import ScoredHypothesis, TokenSequence
from jumok.decoding.search import Search
from jumok.service.errors import DeadlineError, EngineError, OverloadedError, ServiceError
from jumok.service.metrics import LaneRows, Metrics
from jumok.service.model import ServedModel

_log = structlog.get_logger()
_NARROW = 32
"""Source positions of the narrow lane; the other lane is as wide as the longest source. The fixed
cost of a step is that of about five rows, and a source position costs a fiftieth of a row, so more
than two lanes do not pay off."""

_MANY_LANES = 8
_MOST_FAILURES = 3


class Job:
    """A sentence to decode; compared by identity.

    Attributes:
        model: the model that decodes it.
        source: token ids, including the end.
        search: decides the tokens; advanced by the engine's thread.
        provisional: whether updates carry provisional tokens.
        posterior: if not None, each step appends its posterior attention, float32 [source]; the
            search must then follow a given translation.
        deadline: when the caller stops waiting. All times are in seconds of `time.monotonic`.
        arrived: when the job was created.
        started: when its encoding began; 0 before.
        encoded: when its encoding ended; 0 before.
        reported: number of decided tokens delivered so far.
        cancelled: may be set by any thread at any time; the row is released before the next step.
    """

    __slots__ = (
        "arrived",
        "cancelled",
        "deadline",
        "encoded",
        "model",
        "posterior",
        "provisional",
        "reported",
        "search",
        "source",
        "started",
    )

    def __init__(
        self,
        model: ServedModel,
        source: Sequence[int],
        search: Search,
        *,
        provisional: bool = False,
        posterior: bool = False,
        deadline: float = float("inf"),
    ) -> None:
        self.model, self.source, self.search = model, source, search
        self.provisional, self.deadline = provisional, deadline
        self.posterior: list[NDArray[np.float32]] | None = [] if posterior else None
        self.arrived = time.monotonic()
        self.started = self.encoded = 0.0
        self.reported = 0
        self.cancelled = False

    def is_wanted(self, now: float) -> bool:
        """Return whether the caller is still waiting."""
        return not self.cancelled and now < self.deadline


class Update(NamedTuple):
    """The progress of one job after a step.

    Attributes:
        job: the job.
        decided: number of tokens of `job.search.decided` that are decided.
        provisional: tokens that would follow them if the search ended now; None if not requested.
        outcome: the hypotheses, best first, or the error that ended the job; None while it runs.
    """

    job: Job
    decided: int
    provisional: TokenSequence | None = None
    outcome: Sequence[ScoredHypothesis] | ServiceError | None = None


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
            metrics: receives the durations of steps and encodings.
        """
        self._metrics = metrics or Metrics()
        self._deliver = deliver
        self._max_rows, self._max_queue, self._max_encoded = max_rows, max_queue, max_encoded
        self._join_steps, self._waited = join_steps, 0
        self._lanes: dict[tuple[ServedModel, int, int], Lane] = {}
        self._waiting: deque[Job] = deque()
        self._late: list[Job] = []  # removed from the full queue, not reported yet
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
            OverloadedError: too many sentences are waiting.
            EngineError: the engine's thread is not running.
        """
        with self._wake:
            if not self._thread.is_alive():
                raise EngineError("the engine has stopped; see the log of the service")
            if len(self._waiting) >= self._max_queue:
                now = time.monotonic()
                wanted = [job for job in self._waiting if job.is_wanted(now)]
                self._late += [job for job in self._waiting if not job.is_wanted(now)]
                self._waiting = deque(wanted)
            if len(self._waiting) >= self._max_queue:
                raise OverloadedError(
                    f"{self._max_queue} sentences are already waiting; try again in a second", 1.0
                )
            self._waiting.append(job)
            self._wake.notify()

    @property
    def running(self) -> int:
        """Number of hypotheses in use after the last step."""
        return sum(lane.beam * len(lane.sentences) for lane in self._lanes.values())

    @property
    def waiting(self) -> int:
        """Number of waiting sentences; may be read on any thread."""
        return len(self._waiting)

    @property
    def lane_rows(self) -> Sequence[LaneRows]:
        """The hypotheses in use in each lane; may be read on any thread."""
        return [
            LaneRows(model.description.name, beam, width, beam * len(lane.sentences))
            for (model, beam, width), lane in list(self._lanes.items())
        ]

    @property
    def works(self) -> bool:
        """Whether the engine runs, and has not failed several times in a row."""
        return self._thread.is_alive() and self._failures < _MOST_FAILURES

    def _run(self) -> None:
        while True:
            with self._wake:
                while not (self._waiting or self._late or self.running or self._stopping):
                    self._wake.wait()
                if not (self._waiting or self._late or self.running):
                    return
            updates: list[Update] = []
            try:
                self._exchange(updates)
                running = [lane for lane in self._lanes.values() if lane.sentences]
                for place, lane in enumerate(running):
                    if place:  # admit and release between lanes, not only between rounds
                        self._exchange(updates)
                    if lane.sentences:
                        began = time.monotonic()
                        lane.step()
                        model = lane.sentences[0].model.description.name
                        self._metrics.stepped(model, time.monotonic() - began)
                        updates.extend(_collect(lane))
                        self._failures = 0
            except Exception:  # the thread must survive a failing batch
                _log.exception("the engine failed; its running sentences fail with it")
                self._failures += 1
                updates.extend(
                    _ended(job, EngineError("the engine failed; see the log of the service"))
                    for job in self._give_up()
                )
            if updates:
                self._deliver(updates)

    def _exchange(self, updates: list[Update]) -> None:
        """Release the rows of cancelled and expired jobs, and report them; admit waiting ones."""
        now = time.monotonic()
        for lane in self._lanes.values():
            for row in reversed(range(len(lane.sentences))):
                job = lane.sentences[row]
                if not job.is_wanted(now):
                    lane.release(row)
                    updates.append(_expired(job))
        self._admit(updates)

    def _admit(self, updates: list[Update]) -> None:
        """Give rows to the jobs that have waited longest; report cancelled and expired ones.

        An encoder pass takes little longer for several sentences than for one.
        """
        if self.running and self._waiting and self._waited < self._join_steps:
            self._waited += 1
            return
        self._waited = 0
        rows, longest = self._max_rows - self.running, 0
        with self._wake:
            now = time.monotonic()
            updates.extend(map(_expired, self._late))
            self._late.clear()
            while self._waiting:
                job = self._waiting[0]
                if not job.is_wanted(now):
                    updates.append(_expired(self._waiting.popleft()))
                    continue
                longest = max(longest, len(job.source))
                padded = longest * (len(self._joining) + 1)
                if job.search.beam > rows or (self._joining and padded > self._max_encoded):
                    break
                rows -= job.search.beam
                job.started = now
                self._joining.append(self._waiting.popleft())
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

    def _lane(self, job: Job) -> Lane:
        """Return the lane of a job, creating it if necessary.

        Combinations are numerous, so empty lanes are dropped once there are many lanes.
        """
        longest = whole_width(job.model.limits.max_source_tokens + 1)
        width = min(_NARROW, longest) if len(job.source) <= _NARROW else longest
        beam = job.search.beam
        if (lane := self._lanes.get((job.model, beam, width))) is None:
            if len(self._lanes) >= _MANY_LANES:
                self._lanes = {place: lane for place, lane in self._lanes.items() if lane.sentences}
            engine = job.model.engine
            rows = engine.rows(beam, width, self._max_rows // beam)
            lane = self._lanes[job.model, beam, width] = Lane(engine, rows, beam)
        return lane

    def _give_up(self) -> set[Job]:
        jobs = {job for lane in self._lanes.values() for job in lane.sentences} | set(self._joining)
        self._lanes.clear()
        self._joining.clear()
        return jobs


def _ended(job: Job, error: ServiceError) -> Update:
    return Update(job, len(job.search.decided), outcome=error)


def _expired(job: Job) -> Update:
    return _ended(job, DeadlineError("the deadline passed before the translation was complete"))


def _collect(lane: Lane) -> Iterator[Update]:
    """Report the tokens decided by the last step of a lane, and release the finished jobs."""
    for row in reversed(range(len(lane.sentences))):
        job = lane.sentences[row]
        search = job.search
        if search.done:
            lane.release(row)
            yield Update(job, len(search.decided), outcome=search.hypotheses())
            continue
        decided = len(search.decided)
        provisional = search.provisional() if job.provisional else None
        if decided > job.reported or provisional:
            job.reported = decided
            yield Update(job, decided, provisional)

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from bundle.manifest import SpecialIds
from decoding.options import Decoding
from decoding.start import start_search
from service.errors import EngineError, OverloadedError
from service.events import Decided, EngineEvent, Expired, Failed, Finished
from service.job import Job
from service.scheduler import Scheduler
from tests.service.conftest import CopyingEngine

END = 3


class Reader:
    """Keeps what is delivered, by job."""

    def __init__(self) -> None:
        self.events: dict[Job, list[EngineEvent]] = {}
        self.batches: list[int] = []
        self._changed = threading.Condition()

    def deliver(self, events: Sequence[tuple[Job, EngineEvent]]) -> None:
        with self._changed:
            self.batches.append(len({id(job) for job, _ in events}))
            for job, event in events:
                self.events.setdefault(job, []).append(event)
            self._changed.notify_all()

    def wait(self, job: Job, count: int) -> list[EngineEvent]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.events.get(job, [])) >= count, 20)
            return list(self.events[job])

    def outcome(self, job: Job) -> EngineEvent:
        def over() -> bool:
            return job in self.events and isinstance(
                self.events[job][-1], Finished | Expired | Failed
            )

        with self._changed:
            assert self._changed.wait_for(over, 20)
            return self.events[job][-1]

    def tokens(self, job: Job) -> list[int]:
        return [
            choice.token_id
            for event in self.events[job]
            if isinstance(event, Decided)
            for choice in event.choices
        ]


@pytest.fixture
def reader() -> Reader:
    return Reader()


def make_scheduler(engine: CopyingEngine, reader: Reader, join_steps: int = 0) -> Scheduler:
    return Scheduler(
        engine,  # type: ignore[arg-type]
        reader.deliver,
        max_source=100,
        max_rows=4,
        max_queue=3,
        max_encoded=40,
        join_steps=join_steps,
    )


@pytest.fixture
def scheduler(engine: CopyingEngine, reader: Reader) -> Iterator[Scheduler]:
    scheduler = make_scheduler(engine, reader)
    scheduler.start()
    yield scheduler
    if engine.gate is not None:
        engine.gate.release(10_000)
    scheduler.stop()


def until(condition: Callable[[], bool]) -> None:
    """Wait for what another thread is about to do."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def job(length: int, first: int = 10, max_tokens: int = 200, beam: int = 1) -> Job:
    search = start_search(Decoding(max_tokens, beam=beam), SpecialIds())
    return Job([*range(first, first + length), END], search)


def ended(event: EngineEvent) -> bool:
    """Tell whether a sentence came to its own end."""
    assert isinstance(event, Finished)
    return event.hypotheses[0].ended


def test_a_job_gets_its_tokens_in_order_and_an_end(scheduler: Scheduler, reader: Reader) -> None:
    """A job's tokens arrive in order, the end last, and then word that it is finished."""
    one = job(5)
    scheduler.submit(one)
    assert ended(reader.outcome(one))
    assert reader.tokens(one) == [10, 11, 12, 13, 14, END]


def test_jobs_of_all_lengths_run_together(
    scheduler: Scheduler, engine: CopyingEngine, reader: Reader
) -> None:
    """Jobs that wait together are stepped together, and each gets its own tokens."""
    engine.gate = threading.Semaphore(0)
    first = job(3)
    scheduler.submit(first)
    until(lambda: scheduler.running == 1)  # it holds the engine, so that the others wait together
    others = [job(2, 20), job(30, 30), job(99, 40)]
    for other in others:
        scheduler.submit(other)
    engine.gate.release(1_000)
    for one in [first, *others]:
        reader.outcome(one)
        assert reader.tokens(one) == one.source
    assert max(reader.batches) >= 3


def test_more_jobs_than_rows_all_finish(
    scheduler: Scheduler, engine: CopyingEngine, reader: Reader
) -> None:
    """A job that finds no free row waits for one, and takes it between two steps."""
    engine.gate = threading.Semaphore(0)
    jobs = [job(3 + index, 10 * index) for index in range(7)]
    for one in jobs[:3]:
        scheduler.submit(one)
    until(lambda: scheduler.running > 0)
    engine.gate.release()  # whoever still waits joins before the next step
    until(lambda: scheduler.running == 3)
    for one in jobs[3:6]:
        scheduler.submit(one)
    engine.gate.release()
    until(lambda: scheduler.running == 4)
    scheduler.submit(jobs[6])
    engine.gate.release(1_000)
    for one in jobs:
        reader.outcome(one)
        assert reader.tokens(one) == one.source


def test_max_tokens_ends_a_job(scheduler: Scheduler, reader: Reader) -> None:
    """A job that reaches its limit ends there; one that ends exactly at it has ended by itself."""
    cut, whole = job(5, max_tokens=4), job(5, max_tokens=5)
    scheduler.submit(cut)
    scheduler.submit(whole)
    assert not ended(reader.outcome(cut))
    assert reader.tokens(cut) == [10, 11, 12, 13]
    assert ended(reader.outcome(whole))


def test_a_cancelled_job_leaves_before_the_next_step(
    scheduler: Scheduler, engine: CopyingEngine, reader: Reader
) -> None:
    """After cancelling no further step is taken for a job, and its row is free."""
    engine.gate = threading.Semaphore(3)
    one = job(50)
    scheduler.submit(one)
    reader.wait(one, 3)
    one.cancelled = True
    engine.gate.release(1)  # the step that was already waiting at the gate
    until(lambda: scheduler.running == 0)
    engine.gate.release(100)
    two = job(2)
    scheduler.submit(two)
    reader.outcome(two)
    assert engine.steps == 4 + 3
    assert len(reader.tokens(one)) <= 4


def test_a_job_cancelled_in_the_queue_is_never_encoded(
    scheduler: Scheduler, engine: CopyingEngine, reader: Reader
) -> None:
    """A job that is cancelled while it waits costs the engine nothing."""
    engine.gate = threading.Semaphore(0)
    running = job(3)
    scheduler.submit(running)
    until(lambda: engine.encoded == 1)
    waiting = job(3)
    scheduler.submit(waiting)
    waiting.cancelled = True
    engine.gate.release(100)
    reader.outcome(running)
    scheduler.stop()
    assert engine.encoded == 1
    assert reader.events[waiting] == [Expired()]


def test_a_full_queue_refuses_at_once(scheduler: Scheduler, engine: CopyingEngine) -> None:
    """A job beyond the queue's bound is refused with the time after which to try again."""
    engine.gate = threading.Semaphore(0)
    scheduler.submit(job(3))
    until(lambda: engine.encoded == 1)
    for _ in range(3):
        scheduler.submit(job(3))
    with pytest.raises(OverloadedError) as refusal:
        scheduler.submit(job(3))
    assert refusal.value.retry_seconds > 0


def test_cancelled_jobs_make_room_in_the_queue(
    scheduler: Scheduler, engine: CopyingEngine, reader: Reader
) -> None:
    """Jobs that were cancelled while they waited refuse nobody."""
    engine.gate = threading.Semaphore(0)
    scheduler.submit(job(3))
    until(lambda: engine.encoded == 1)
    for _ in range(3):
        waiting = job(3)
        scheduler.submit(waiting)
        waiting.cancelled = True
    last = job(3)
    scheduler.submit(last)
    engine.gate.release(100)
    assert ended(reader.outcome(last))


def test_a_scheduler_that_has_stopped_refuses(scheduler: Scheduler) -> None:
    """A job that nobody would run is refused at once."""
    scheduler.stop()
    with pytest.raises(EngineError):
        scheduler.submit(job(3))


def test_a_failing_engine_fails_its_jobs_and_goes_on(
    scheduler: Scheduler, engine: CopyingEngine, reader: Reader
) -> None:
    """When a step raises, the jobs in it are told, and the next job is served."""
    engine.failing = True
    one = job(3)
    scheduler.submit(one)
    assert isinstance(reader.outcome(one), Failed)
    two = job(3)
    scheduler.submit(two)
    assert ended(reader.outcome(two))
    assert scheduler.running == 0


def test_stopping_finishes_what_runs(scheduler: Scheduler, reader: Reader) -> None:
    """Stopping waits until every job that was submitted is finished."""
    jobs = [job(40) for _ in range(3)]
    for one in jobs:
        scheduler.submit(one)
    scheduler.stop()
    assert all(reader.tokens(one) == one.source for one in jobs)


def test_beams_run_beside_greedy_jobs(scheduler: Scheduler, reader: Reader) -> None:
    """Jobs of other beams get what they would get alone; a beam takes as many rows as it has."""
    jobs = [job(5, 20, beam=3), job(6, 40), job(4, 60, beam=4), job(3, 80, beam=2)]
    for one in jobs[:3]:
        scheduler.submit(one)
    for one in jobs[:3]:
        assert ended(reader.outcome(one))
        assert reader.tokens(one) == one.source
    scheduler.submit(jobs[3])
    reader.outcome(jobs[3])
    assert reader.tokens(jobs[3]) == jobs[3].source


def test_a_deadline_frees_the_row(
    scheduler: Scheduler, engine: CopyingEngine, reader: Reader
) -> None:
    """A job whose deadline passes leaves before the next step, and one that waits is not begun."""
    engine.gate = threading.Semaphore(2)
    late = job(50)
    late.deadline = time.monotonic() + 0.2
    scheduler.submit(late)
    reader.wait(late, 2)
    waiting = job(3)
    waiting.deadline = late.deadline
    time.sleep(0.3)
    scheduler.submit(waiting)
    engine.gate.release(100)
    assert reader.outcome(late) == Expired()
    assert reader.outcome(waiting) == Expired()
    assert len(reader.tokens(late)) <= 3
    assert engine.encoded == 1


def test_encoding_is_capped_between_steps(
    scheduler: Scheduler, engine: CopyingEngine, reader: Reader
) -> None:
    """Of many that wait only so many are encoded before those that run take their next step."""
    engine.gate = threading.Semaphore(0)
    first = job(3)
    scheduler.submit(first)
    until(lambda: scheduler.running == 1)
    others = [job(15, 20), job(15, 50), job(15, 80)]  # two of 16 with their ends are 32 of 40
    for other in others:
        scheduler.submit(other)
    engine.gate.release(1)
    until(lambda: scheduler.running == 3)
    assert engine.encoded == 3
    engine.gate.release(1_000)
    for one in [first, *others]:
        reader.outcome(one)
        assert reader.tokens(one) == one.source


def test_a_job_waits_a_little_for_others_to_be_encoded_with(
    engine: CopyingEngine, reader: Reader
) -> None:
    """While others run, a job joins after as many steps as configured, and none sooner."""
    passes: list[int] = []
    encode = engine.encode

    def spy(source_ids: Any, lengths: Any) -> Any:
        passes.append(len(lengths))
        return encode(source_ids, lengths)

    engine.encode = spy  # type: ignore[method-assign, assignment]
    engine.gate = threading.Semaphore(0)
    scheduler = make_scheduler(engine, reader, join_steps=2)
    scheduler.start()
    jobs = [job(9), job(9, 30), job(9, 50)]
    scheduler.submit(jobs[0])
    until(lambda: passes == [1])  # alone, it did not wait
    scheduler.submit(jobs[1])
    engine.gate.release(1)
    until(lambda: engine.steps == 1)
    scheduler.submit(jobs[2])
    engine.gate.release(1)
    until(lambda: engine.steps == 2)
    assert passes == [1]
    engine.gate.release(1_000)
    for one in jobs:
        reader.outcome(one)
        assert reader.tokens(one) == one.source
    assert passes == [1, 2]
    scheduler.stop()

"""The queue of the scheduler: its limit, and when waiting jobs are encoded."""

import threading
from typing import Any

import pytest

from jumok.service.errors import DeadlineError, EngineError, OverloadedError
from jumok.service.scheduler import Scheduler
from tests.service.conftest import CopyingEngine, make_scheduler
from tests.service.jobs import MakeJob, Reader, ended, until


def test_more_jobs_than_rows_all_finish(
    scheduler: Scheduler, engine: CopyingEngine, reader: Reader, job: MakeJob
) -> None:
    """A job waits for a free row and gets it between two steps."""
    engine.gate = threading.Semaphore(0)
    jobs = [job(3 + index, 10 * index) for index in range(7)]
    for one in jobs[:3]:
        scheduler.submit(one)
    until(lambda: scheduler.running > 0)
    engine.gate.release()  # waiting jobs are admitted before the next step
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


def test_a_job_cancelled_in_the_queue_is_never_encoded(
    scheduler: Scheduler, engine: CopyingEngine, reader: Reader, job: MakeJob
) -> None:
    """A job that is cancelled while waiting is never encoded."""
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
    assert [type(update.outcome) for update in reader.updates[waiting]] == [DeadlineError]


def test_a_full_queue_refuses_at_once(
    scheduler: Scheduler, engine: CopyingEngine, job: MakeJob
) -> None:
    """A job beyond the limit of the queue is refused with a retry delay."""
    engine.gate = threading.Semaphore(0)
    scheduler.submit(job(3))
    until(lambda: engine.encoded == 1)
    for _ in range(3):
        scheduler.submit(job(3))
    with pytest.raises(OverloadedError) as refusal:
        scheduler.submit(job(3))
    assert refusal.value.retry_seconds > 0


def test_cancelled_jobs_make_room_in_the_queue(
    scheduler: Scheduler, engine: CopyingEngine, reader: Reader, job: MakeJob
) -> None:
    """Jobs that were cancelled while waiting do not count towards the limit."""
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


def test_expired_jobs_in_the_queue_are_reported(
    scheduler: Scheduler,
    engine: CopyingEngine,
    reader: Reader,
    monkeypatch: pytest.MonkeyPatch,
    job: MakeJob,
) -> None:
    """Expired jobs get DeadlineError, even if dropped from a full queue or if encoding fails."""
    engine.gate = threading.Semaphore(0)
    scheduler.submit(job(3))
    until(lambda: engine.encoded == 1)
    late = [job(3) for _ in range(3)]
    for one in late:
        scheduler.submit(one)
        one.deadline = 0.0
    good = job(3)
    scheduler.submit(good)  # the queue was full
    late.append(job(3))
    scheduler.submit(late[-1])
    late[-1].deadline = 0.0

    def fail(*_: object) -> None:
        raise RuntimeError("the device is on fire")

    monkeypatch.setattr(engine, "encode", fail)
    engine.gate.release(100)
    assert isinstance(reader.outcome(good), EngineError)
    assert all(isinstance(reader.outcome(one), DeadlineError) for one in late)


def test_encoding_is_capped_between_steps(
    scheduler: Scheduler, engine: CopyingEngine, reader: Reader, job: MakeJob
) -> None:
    """Only a limited number of waiting jobs is encoded between two steps."""
    engine.gate = threading.Semaphore(0)
    first = job(3)
    scheduler.submit(first)
    until(lambda: scheduler.running == 1)
    others = [
        job(15, 20),
        job(15, 50),
        job(15, 80),
    ]  # each has 16 tokens with its end; two fit into 40
    for other in others:
        scheduler.submit(other)
    engine.gate.release(1)
    until(lambda: scheduler.running == 3)
    assert engine.encoded == 3
    engine.gate.release(1_000)
    for one in [first, *others]:
        reader.outcome(one)
        assert reader.tokens(one) == one.source


def test_waiting_jobs_are_encoded_together(
    engine: CopyingEngine, reader: Reader, job: MakeJob
) -> None:
    """While a job runs, waiting jobs are encoded together after the configured number of steps."""
    passes: list[int] = []
    encode = engine.encode

    def spy(source_ids: Any, lengths: Any) -> Any:
        passes.append(len(lengths))
        return encode(source_ids, lengths)

    engine.encode = spy  # type: ignore[method-assign, assignment]
    engine.gate = threading.Semaphore(0)
    scheduler = make_scheduler(reader, join_steps=2)
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


def test_jobs_are_admitted_between_the_steps_of_two_lanes(
    scheduler: Scheduler, engine: CopyingEngine, reader: Reader, job: MakeJob
) -> None:
    """Jobs are admitted and released between the steps of two lanes."""
    engine.gate = threading.Semaphore(0)
    jobs = [job(9), job(9, 30, beam=2), job(9, 50)]
    scheduler.submit(jobs[0])
    until(lambda: engine.encoded == 1)
    scheduler.submit(jobs[1])
    engine.gate.release()
    until(lambda: engine.encoded == 2)  # both lanes run; the first lane's step waits
    scheduler.submit(jobs[2])
    engine.gate.release()
    until(lambda: engine.encoded == 3)  # the second lane's step waits
    assert engine.steps == 2
    jobs[0].cancelled = True
    engine.gate.release()
    until(lambda: scheduler.running == 3)
    assert engine.steps == 3
    engine.gate.release(1_000)
    for one in jobs[1:]:
        reader.outcome(one)
        assert reader.tokens(one) == one.source
    assert len(reader.tokens(jobs[0])) <= 2

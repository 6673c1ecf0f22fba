"""Jobs that a scheduler runs to their end, and jobs that end early."""

import threading
import time

import pytest

from jumok.service.errors import DeadlineError, EngineError
from jumok.service.scheduler import Scheduler
from tests.service.conftest import CopyingEngine
from tests.service.jobs import END, MakeJob, Reader, ended, until


def test_a_job_gets_its_tokens_in_order_and_an_end(
    scheduler: Scheduler, reader: Reader, job: MakeJob
) -> None:
    """The tokens of a job arrive in order, including the end, and then its outcome."""
    one = job(5)
    scheduler.submit(one)
    assert ended(reader.outcome(one))
    assert reader.tokens(one) == [10, 11, 12, 13, 14, END]


def test_jobs_of_all_lengths_run_together(
    scheduler: Scheduler, engine: CopyingEngine, reader: Reader, job: MakeJob
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


def test_beams_run_beside_greedy_jobs(scheduler: Scheduler, reader: Reader, job: MakeJob) -> None:
    """Jobs of different beam widths run together, each with the results that it has alone."""
    jobs = [job(5, 20, beam=3), job(6, 40), job(4, 60, beam=4), job(3, 80, beam=2)]
    for one in jobs[:3]:
        scheduler.submit(one)
    for one in jobs[:3]:
        assert ended(reader.outcome(one))
        assert reader.tokens(one) == one.source
    scheduler.submit(jobs[3])
    reader.outcome(jobs[3])
    assert reader.tokens(jobs[3]) == jobs[3].source


def test_max_tokens_ends_a_job(scheduler: Scheduler, reader: Reader, job: MakeJob) -> None:
    """A job that reaches its limit is cut; one that ends exactly at the limit is not."""
    cut, whole = job(5, max_tokens=4), job(5, max_tokens=5)
    scheduler.submit(cut)
    scheduler.submit(whole)
    assert not ended(reader.outcome(cut))
    assert reader.tokens(cut) == [10, 11, 12, 13]
    assert ended(reader.outcome(whole))


def test_a_cancelled_job_is_released_before_the_next_step(
    scheduler: Scheduler, engine: CopyingEngine, reader: Reader, job: MakeJob
) -> None:
    """A cancelled job takes no further step, and its row is released."""
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


def test_a_deadline_frees_the_row(
    scheduler: Scheduler, engine: CopyingEngine, reader: Reader, job: MakeJob
) -> None:
    """A job past its deadline is released before the next step, or not started."""
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
    assert isinstance(reader.outcome(late), DeadlineError)
    assert isinstance(reader.outcome(waiting), DeadlineError)
    assert len(reader.tokens(late)) <= 3
    assert engine.encoded == 1


def test_an_engine_error_fails_only_the_current_jobs(
    scheduler: Scheduler, engine: CopyingEngine, reader: Reader, job: MakeJob
) -> None:
    """When a step raises, its jobs get an error, and the next job is served."""
    engine.failing = True
    one = job(3)
    scheduler.submit(one)
    assert isinstance(reader.outcome(one), EngineError)
    two = job(3)
    scheduler.submit(two)
    assert ended(reader.outcome(two))
    assert scheduler.running == 0


def test_stop_finishes_submitted_jobs(scheduler: Scheduler, reader: Reader, job: MakeJob) -> None:
    """`stop` waits until all submitted jobs are finished."""
    jobs = [job(40) for _ in range(3)]
    for one in jobs:
        scheduler.submit(one)
    scheduler.stop()
    assert all(reader.tokens(one) == one.source for one in jobs)


def test_stopped_scheduler_refuses_jobs(scheduler: Scheduler, job: MakeJob) -> None:
    """After the engine's thread has ended, a job is refused at once."""
    scheduler.stop()
    with pytest.raises(EngineError):
        scheduler.submit(job(3))


def test_running_hypotheses_fit_into_the_rows(
    scheduler: Scheduler, engine: CopyingEngine, reader: Reader, job: MakeJob
) -> None:
    """Next to a greedy job, one job of beam 2 fits into four rows; a second one waits."""
    engine.gate = threading.Semaphore(0)
    greedy = job(9)
    scheduler.submit(greedy)
    until(lambda: scheduler.running == 1)  # it holds the engine, so that the others wait together
    beams = [job(2, 20, beam=2), job(2, 30, beam=2)]
    for one in beams:
        scheduler.submit(one)
    most = 0
    while not all(one in reader.updates for one in beams):
        engine.gate.release()
        time.sleep(0.002)
        most = max(most, scheduler.running)
    engine.gate.release(1_000)
    for one in [greedy, *beams]:
        assert ended(reader.outcome(one))
    assert most == 3

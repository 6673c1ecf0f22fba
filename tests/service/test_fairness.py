"""Fairness of the scheduler: no caller makes others wait for its own work."""

import math
import threading
from collections import Counter
from collections.abc import Iterator

import pytest

from jumok.service.caller import Caller
from jumok.service.errors import OverloadedError
from jumok.service.fair_queue import _QUANTUM
from jumok.service.job import Job
from jumok.service.scheduler import Scheduler
from tests.service.conftest import CopyingEngine, make_scheduler
from tests.service.jobs import MakeJob, Reader, ended, until

HEAVY, LIGHT = Caller("heavy"), Caller("light")


@pytest.fixture
def scheduler(engine: CopyingEngine, reader: Reader) -> Iterator[Scheduler]:
    """Return a scheduler with 32 rows and a queue of 40, whose steps are held back."""
    engine.gate = threading.Semaphore(0)
    scheduler = make_scheduler(reader, max_rows=32, max_queue=40)
    scheduler.start()
    yield scheduler
    engine.gate.release(10_000)
    scheduler.stop()


def run_until(engine: CopyingEngine, reader: Reader, job: Job) -> int:
    """Step until a job has ended; return the number of steps."""
    assert engine.gate is not None
    before = engine.steps
    while not (job in reader.updates and reader.updates[job][-1].outcome is not None):
        done = engine.steps
        engine.gate.release()
        until(lambda done=done: engine.steps > done)  # type: ignore[misc]
        assert engine.steps < before + 1000
    assert ended(reader.outcome(job))
    return engine.steps - before


def rows_of(scheduler: Scheduler) -> Counter[str]:
    jobs = [job for lane in scheduler._lanes.values() for job in lane.sentences]
    return Counter(
        {
            name: sum(j.rows for j in jobs if j.caller.name == name)
            for name in {job.caller.name for job in jobs}
        }
    )


def test_a_caller_with_a_wide_beam_does_not_starve_others(
    scheduler: Scheduler, engine: CopyingEngine, reader: Reader, job: MakeJob
) -> None:
    """While wide beams hold all rows and step rarely, a greedy job starts and ends at once."""
    wide = [job(90, beam=16, caller=Caller(f"heavy {number}")) for number in range(3)]
    for each in wide:
        scheduler.submit(each)
    assert engine.gate is not None
    engine.gate.release()  # the first one may have been alone
    until(lambda: engine.encoded == 2)  # the third one waits for 16 rows
    greedy = job(9, caller=LIGHT)
    scheduler.submit(greedy)
    assert (
        run_until(engine, reader, greedy) < 15
    )  # ten of its own, and one in sixteen of the beams'
    assert all(each not in reader.updates or each.reported < 10 for each in wide)
    assert run_until(engine, reader, wide[2]) > 90


def test_a_batch_does_not_starve_others(
    scheduler: Scheduler, engine: CopyingEngine, reader: Reader, job: MakeJob
) -> None:
    """The job of a second caller does not wait for the many jobs of the first one."""
    many = [job(50, caller=HEAVY, batched=True) for _ in range(100)]
    for each in many:
        scheduler.submit(each)
    until(lambda: engine.encoded > 0)
    one = job(5, caller=LIGHT)
    scheduler.submit(one)
    assert run_until(engine, reader, one) < 20


def test_callers_hold_equal_numbers_of_rows(
    scheduler: Scheduler, engine: CopyingEngine, reader: Reader, job: MakeJob
) -> None:
    """A caller alone may hold all rows; when another one is active, half of them."""
    for _ in range(30):
        scheduler.submit(job(8, caller=LIGHT, batched=True))
        scheduler.submit(job(8, caller=HEAVY, batched=True))
        scheduler.submit(job(8, caller=HEAVY, batched=True))
    assert engine.gate is not None
    seen = Counter[str]()
    for _ in range(12):
        done = engine.steps
        engine.gate.release()
        until(lambda done=done: engine.steps > done)  # type: ignore[misc]
        seen |= rows_of(scheduler)
    assert seen["heavy"] <= 16
    assert seen["light"] <= 16


def test_a_caller_cannot_fill_the_queue(scheduler: Scheduler, job: MakeJob) -> None:
    """When a caller has filled its share of the queue, only that caller is refused."""
    scheduler.submit(job(60, beam=16, caller=HEAVY))
    with pytest.raises(OverloadedError) as caught:
        for _ in range(100):
            scheduler.submit(job(60, beam=16, caller=HEAVY))
    assert caught.value.retry_seconds >= 1
    scheduler.submit(job(9, caller=LIGHT))


def test_the_whole_queue_is_limited(scheduler: Scheduler, job: MakeJob) -> None:
    """However many callers there are, the queue holds at most twice the limit."""
    with pytest.raises(OverloadedError):
        for number in range(200):
            scheduler.submit(job(9, beam=16, caller=Caller(str(number))))
    assert len(scheduler._waiting) <= 80


def test_posterior_attention_is_charged_its_rows(job: MakeJob) -> None:
    """Posterior attention computes one more row per source position, and costs as much."""
    plain, posterior = job(20, steps=10), job(20, steps=10, posterior=True)
    assert (plain.rows, posterior.rows) == (1, 1 + 21)
    assert posterior.cost - 21 == 22 * (plain.cost - 21)


def test_a_job_with_an_early_deadline_is_refused(
    scheduler: Scheduler, engine: CopyingEngine, reader: Reader, job: MakeJob
) -> None:
    """Once the speed of the queue is known, a job whose deadline is too early is refused."""
    first = job(90, beam=16, caller=HEAVY)
    scheduler.submit(first)
    until(lambda: engine.encoded == 1)
    scheduler._rate.note(0, waits=True)
    scheduler._rate.take(100)
    scheduler._rate.note(1, waits=True)  # 100 a second
    for _ in range(3):
        scheduler.submit(job(90, beam=16, caller=HEAVY))
    with pytest.raises(OverloadedError) as caught:
        scheduler.submit(job(9, caller=HEAVY, deadline=first.arrived + 5))
    assert caught.value.retry_seconds > 5
    scheduler.submit(job(9, caller=HEAVY, deadline=first.arrived + 5000))


def test_light_jobs_do_not_pass_a_wide_beam_forever(
    scheduler: Scheduler, engine: CopyingEngine, reader: Reader, job: MakeJob
) -> None:
    """A beam gets rows when the others have got as much, although their jobs never end."""
    greedy = {
        Caller(f"light {number}"): job(10 + number % 10, caller=Caller(f"light {number}"))
        for number in range(40)
    }
    for each in greedy.values():
        scheduler.submit(each)
    wide = job(20, beam=16, caller=HEAVY)
    scheduler.submit(wide)
    assert engine.gate is not None
    rounds = math.ceil(wide.cost / _QUANTUM)
    for _ in range(rounds * 20):  # a greedy job ends within 20 steps
        done = engine.steps
        engine.gate.release()
        until(lambda done=done: engine.steps > done)  # type: ignore[misc]
        for caller, each in greedy.items():
            if each in reader.updates and reader.updates[each][-1].outcome is not None:
                greedy[caller] = job(10 + engine.steps % 10, caller=caller)
                scheduler.submit(greedy[caller])
        if wide in reader.updates:
            return
    raise AssertionError("the wide beam has not begun")

"""Concurrent jobs whose results are read in order."""

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from jumok.cli.in_order import LineJob, in_order


def test_order_is_that_of_the_jobs() -> None:
    """Results are in order, whichever job ends first."""
    later_is_done = threading.Event()

    def slow() -> Iterator[str]:
        assert later_is_done.wait(5)
        yield "slow"

    def quick() -> Iterator[str]:
        yield "quick"
        later_is_done.set()

    handed = [(job.line, list(items)) for job, items in in_order(
        [LineJob(1, None, slow), LineJob(2, None, quick)], at_once=2
    )]  # fmt: skip

    assert handed == [(1, ["slow"]), (2, ["quick"])]


def test_first_is_read_while_it_runs() -> None:
    """Items of the first job can be read before it ends."""
    read = threading.Event()

    def two() -> Iterator[int]:
        yield 1
        assert read.wait(5)
        yield 2

    for _, items in in_order([LineJob(1, None, two)], at_once=1):
        assert next(items) == 1
        read.set()
        assert list(items) == [2]


def test_concurrency_is_limited() -> None:
    """No more jobs run than allowed until one has been read."""
    started = []

    def job(number: int) -> Iterator[int]:
        started.append(number)
        yield number

    jobs = [LineJob(n, n, lambda n=n: job(n)) for n in range(9)]  # type: ignore[misc]
    with closing(in_order(jobs, at_once=3)) as handed:
        _, items = next(handed)
        assert list(items) == [0]
        assert max(started) < 3
        assert [next(items) for _, items in handed] == list(range(1, 9))


def test_errors_are_raised_in_order() -> None:
    """An error of a job is raised when its items are read, an error of the source at its end."""

    def fail() -> Iterator[int]:
        yield 1
        raise ValueError("job")

    def jobs() -> Iterator[LineJob[None, int]]:
        yield LineJob(1, None, fail)
        yield LineJob(2, None, lambda: [2])
        raise ValueError("jobs")

    handed = in_order(jobs(), at_once=4)
    _, items = next(handed)
    assert next(items) == 1
    with pytest.raises(ValueError, match="job"):
        next(items)
    assert list(next(handed)[1]) == [2]
    with pytest.raises(ValueError, match="jobs"):
        next(handed)


def test_closing_stops_further_jobs() -> None:
    """After closing no further job is started."""
    asked = []
    ended = threading.Event()

    def jobs() -> Iterator[LineJob[None, int]]:
        try:
            for number in range(100):
                asked.append(number)
                yield LineJob(number, None, lambda: [0])
        finally:
            ended.set()

    handed = in_order(jobs(), at_once=2)
    next(handed)
    handed.close()

    assert ended.wait(5)
    assert len(asked) < 5

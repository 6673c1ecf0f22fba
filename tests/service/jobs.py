"""Jobs for a scheduler without a server, and a reader of their updates."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from jumok.bundle.manifest import SpecialIds
from jumok.decoding.driver import start_search
from jumok.decoding.hypothesis import ScoredHypothesis
from jumok.decoding.options import Decoding
from jumok.service.errors import ServiceError
from jumok.service.job import Job, Update
from jumok.service.model import ServedModel

END = 3
MakeJob = Callable[..., Job]


class Reader:
    """Records the delivered updates by job."""

    def __init__(self) -> None:
        self.updates: dict[Job, list[Update]] = {}
        self.batches: list[int] = []
        self._changed = threading.Condition()

    def deliver(self, updates: Sequence[Update]) -> None:
        with self._changed:
            self.batches.append(len({id(update.job) for update in updates}))
            for update in updates:
                self.updates.setdefault(update.job, []).append(update)
            self._changed.notify_all()

    def wait(self, job: Job, count: int) -> list[Update]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.updates.get(job, [])) >= count, 20)
            return list(self.updates[job])

    def outcome(self, job: Job) -> Sequence[ScoredHypothesis] | ServiceError:
        def over() -> bool:
            return job in self.updates and self.updates[job][-1].outcome is not None

        with self._changed:
            assert self._changed.wait_for(over, 20)
            outcome = self.updates[job][-1].outcome
            assert outcome is not None
            return outcome

    def tokens(self, job: Job) -> list[int]:
        """Return the reported tokens; check that their number never decreases."""
        reported = [update.decided for update in self.updates[job]]
        assert reported == sorted(reported)
        return job.search.decided.token_ids[: reported[-1]]


def make_job(
    model: ServedModel,
    length: int,
    first: int = 10,
    max_tokens: int = 200,
    beam: int = 1,
    **fields: Any,
) -> Job:
    search = start_search(Decoding(max_tokens, beam=beam), SpecialIds())
    return Job(model, [*range(first, first + length), END], search, **fields)


def ended(outcome: Sequence[ScoredHypothesis] | ServiceError) -> bool:
    """Return whether the model generated the end of the sentence."""
    assert not isinstance(outcome, ServiceError)
    return outcome[0].ended


def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition on another thread holds."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)

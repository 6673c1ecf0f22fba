"""Jobs for a scheduler without a server, and a reader of what becomes of them."""

import threading
import time
from collections.abc import Callable, Sequence

from jumok.bundle.manifest import SpecialIds
from jumok.decoding.options import Decoding
from jumok.decoding.start import start_search
from jumok.service.events import Decided, EngineEvent, Expired, Failed, Finished
from jumok.service.job import Job

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


def job(length: int, first: int = 10, max_tokens: int = 200, beam: int = 1) -> Job:
    search = start_search(Decoding(max_tokens, beam=beam), SpecialIds())
    return Job([*range(first, first + length), END], search)


def ended(event: EngineEvent) -> bool:
    """Tell whether a sentence came to its own end."""
    assert isinstance(event, Finished)
    return event.hypotheses[0].ended


def until(condition: Callable[[], bool]) -> None:
    """Wait for what another thread is about to do."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)

from collections.abc import Sequence
from typing import Any

import pytest

from jumok.bundle.manifest import SpecialIds
from jumok.decoding.batch_search import pad
from jumok.decoding.options import Decoding
from jumok.decoding.start import start_search
from jumok.decoding.step_model import Step
from jumok.service.lane import Lane
from jumok.service.scheduler import Job
from tests.service.conftest import CopyingEngine

MODEL: Any = None  # a lane does not look at it


def make_job(source: Sequence[int], beam: int = 1) -> Job:
    return Job(MODEL, source, start_search(Decoding(30, beam=beam), SpecialIds()))


def admit(lane: Lane, engine: CopyingEngine, jobs: Sequence[Job]) -> None:
    encoded = engine.encode(*pad([job.source for job in jobs]))
    for row, job in enumerate(jobs):
        lane.admit(job, encoded, row)


@pytest.mark.parametrize("beam", [1, 3])
def test_leaving_rows_do_not_disturb_the_others(beam: int) -> None:
    """Whoever leaves, every other row goes on where it was, in all of its hypotheses."""
    engine: Any = CopyingEngine()
    lane = Lane(engine, beam, width=8, capacity=4)
    jobs = [make_job([*range(ten, ten + n), 3], beam) for ten, n in ((10, 4), (20, 5), (30, 2))]
    admit(lane, engine, jobs)
    lane.step()
    lane.release(0)
    jobs.append(make_job([40, 41, 42, 3], beam))
    admit(lane, engine, jobs[-1:])
    while lane.jobs:
        lane.step()
        for row in reversed(range(len(lane.jobs))):
            if lane.jobs[row].search.done:
                lane.release(row)
    for job in jobs[1:]:
        assert [*job.search.hypotheses()[0].token_ids, 3] == job.source


def test_running_rows_are_a_view_of_the_arrays() -> None:
    """States, keys and values go to the engine as a prefix of the lane's arrays, not a copy."""
    seen: list[Any] = []

    class Spy(CopyingEngine):
        def step(self, *tensors: Any) -> Step:
            *_, state, encoded, _candidates = tensors
            seen.extend((state, encoded.encoder_states, encoded.projected_keys))
            return super().step(*tensors)

    engine: Any = Spy()
    lane = Lane(engine, beam=1, width=4, capacity=8)
    admit(lane, engine, [make_job([5, 6]), make_job([7, 8])])
    lane.step()
    assert len(seen) == 3
    assert all(tensor.base is not None for tensor in seen)
    assert all(len(tensor) == 2 and tensor.flags.c_contiguous for tensor in seen)

"""Rows on a device. ONNX Runtime treats the CPU as one, too, so most tests need no GPU."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deploy.make_arrange import TARGET, make_arrange
from jumok.bundle.folder import Bundle, load_bundle
from jumok.decoding.batch_search import force, pad, search
from jumok.decoding.driver import start_search
from jumok.decoding.options import Decoding
from jumok.decoding.step_model import StepInput
from jumok.runtime.engine import Engine
from jumok.runtime.opening import open_engine
from jumok.runtime.resident_engine import ResidentEngine
from jumok.runtime.session import CPU
from jumok.service.job import Job, Update
from jumok.service.model import ServedModel
from jumok.service.scheduler import Scheduler
from tests.runtime.twins import CAPACITY, WIDTH, Twins, assert_alike


@pytest.fixture(scope="module")
def bundle(tiny_bundle: Path) -> Bundle:
    return load_bundle(tiny_bundle)


def resident(bundle: Bundle) -> ResidentEngine:
    """Open an engine whose device is the CPU."""
    graphs, vocabulary = bundle.manifest.precisions["float32"], bundle.target_tokenizer
    return ResidentEngine(bundle.path, graphs, vocabulary.vocabulary_size, provider=CPU, threads=1)


@pytest.fixture(scope="module")
def engines(bundle: Bundle) -> tuple[Engine, ResidentEngine]:
    return open_engine(bundle, "cpu", "float32", threads=1), resident(bundle)


@pytest.mark.parametrize("beam", [1, 3])
@pytest.mark.parametrize("seed", range(5))
def test_rows_match_those_on_the_host(
    engines: tuple[Engine, ResidentEngine], beam: int, seed: int
) -> None:
    """Whatever is admitted and released, each row steps as its twin on the host does."""
    twins = Twins(engines, beam, seed)
    chance = np.random.default_rng(seed)
    for _ in range(30):
        room = CAPACITY - twins.count
        if room and (twins.count == 0 or chance.random() < 0.5):
            twins.admit(chance.integers(2, WIDTH + 1, chance.integers(1, room + 1)).tolist())
        assert_alike(*twins.step(candidates=int(chance.integers(1, 6))))
        twins.advance()
        while twins.count and chance.random() < 0.4:
            twins.release(int(chance.integers(0, twins.count)))


def test_two_encoded_batches_are_admitted_before_one_step(
    engines: tuple[Engine, ResidentEngine],
) -> None:
    """Sentences of several encoded batches can be admitted and released before a step."""
    twins = Twins(engines, beam=2, seed=1)
    twins.admit([3, 7])
    twins.admit([5])
    twins.release(0)
    twins.admit([2])
    assert_alike(*twins.step(candidates=4))


def test_a_batch_wider_than_the_rows_is_admitted(
    engines: tuple[Engine, ResidentEngine],
) -> None:
    """An encoded batch can have more positions than the rows, if they are padding."""
    source = [5, 6, 3]
    found = []
    for engine in engines:
        encoded = engine.encode(*pad([source, [*range(4, 24), 3]]))
        rows = engine.rows(1, WIDTH, CAPACITY)
        rows.admit(0, encoded, 0)
        two = np.full((1, 1), 2)
        found.append(rows.step(StepInput(two, np.zeros_like(two), two, 3)))
    assert_alike(*found)


def test_results_of_a_step_are_not_overwritten(engines: tuple[Engine, ResidentEngine]) -> None:
    """Searches keep the arrays of a step, so later steps must not reuse their memory."""
    twins = Twins(engines, beam=1, seed=2)
    twins.admit([4, 6])
    _, first = twins.step(candidates=2)
    kept = [np.array(tensor) for tensor in first[:-1]]
    twins.advance()
    for _ in range(3):
        twins.step(candidates=2)
        twins.advance()
    for tensor, copy in zip(first[:-1], kept, strict=True):
        assert (tensor == copy).all()


def test_a_step_changes_no_tensors_before_advance(
    engines: tuple[Engine, ResidentEngine],
) -> None:
    """`carried` returns the tensors from before the step, which posterior attention needs."""
    twins = Twins(engines, beam=2, seed=3)
    twins.admit([4, 6, 2])
    twins.step(candidates=2)
    twins.advance()
    before = twins.host.carried(range(3))
    twins.step(candidates=2)
    found = twins.device.carried(range(3))
    assert found.keys() == before.keys()
    assert np.array_equal(found["source_lengths"], before["source_lengths"])
    assert np.abs(found["decoder_state"] - before["decoder_state"]).max() < 1e-6
    for row, length in enumerate(before["source_lengths"]):
        for name in ("encoder_states", "projected_keys"):
            assert np.abs((found[name] - before[name])[row, :length]).max() < 1e-6
    twins.advance()
    after = twins.device.carried(range(3))
    assert np.abs(after["decoder_state"] - before["decoder_state"]).max() > 1e-3


def test_batch_search_runs_on_the_device(
    bundle: Bundle, engines: tuple[Engine, ResidentEngine]
) -> None:
    """Batch search and forced decoding with posterior attention match those on the host."""
    special = bundle.manifest.special_ids
    sources = [[5, 6, 7, special.end], [8, special.end], [9, 10, special.end]]
    ours, theirs = (search(engine, sources, special, Decoding(8, beam=3)) for engine in engines)
    targets = [best.token_ids for (best,) in ours]
    assert targets == [best.token_ids for (best,) in theirs]
    forced = (force(engine, sources, targets, special, posterior=True) for engine in engines)
    for one, other in zip(*forced, strict=True):
        assert one.posterior is not None
        assert other.posterior is not None
        assert np.abs(one.posterior - other.posterior).max() < 1e-5
        assert np.abs(one.log_probs - other.log_probs).max() < 1e-5


def translate(jobs: Sequence[Job]) -> list[Any]:
    found: dict[Job, Any] = {}

    def deliver(updates: Sequence[Update]) -> None:
        found.update((update.job, update.outcome) for update in updates if update.outcome)

    scheduler = Scheduler(deliver, max_rows=7, max_queue=100, max_encoded=30, join_steps=1)
    scheduler.start()
    for job in jobs:
        scheduler.submit(job)
    scheduler.stop()
    return [found[job] for job in jobs]


def make_jobs(bundle: Bundle, engine: Engine) -> list[Job]:
    model = ServedModel.of(bundle, engine, max_text_characters=4000)
    special = bundle.manifest.special_ids
    generator = np.random.default_rng(4)
    return [
        Job(
            model,
            [*generator.integers(4, 40, int(generator.integers(1, 14))).tolist(), special.end],
            start_search(decoding, special),
            posterior=bool(decoding.prefix),
        )
        for _ in range(8)
        for decoding in (
            Decoding(6),
            Decoding(9, beam=3, hypotheses=2),
            Decoding(3, prefix=(7, 8, special.end)),
        )
    ]


def test_translations_are_those_of_the_host(
    bundle: Bundle, engines: tuple[Engine, ResidentEngine]
) -> None:
    """Greedy search, beam search and forced decoding in mixed batches match the host."""
    jobs = [make_jobs(bundle, engine) for engine in engines]
    ours, theirs = map(translate, jobs)
    for one, other, job, twin in zip(ours, theirs, *jobs, strict=True):
        for a, b in zip(one, other, strict=True):
            assert a.token_ids == b.token_ids
            assert np.abs(a.attention - b.attention).max() < 1e-5
        if job.posterior is not None and twin.posterior is not None:
            for row, same in zip(job.posterior, twin.posterior, strict=True):
                assert np.abs(row - same).max() < 1e-5


def test_the_arrange_graph_is_up_to_date() -> None:
    """The committed graph is the one that its script makes."""
    assert make_arrange().SerializeToString(deterministic=True) == TARGET.read_bytes()

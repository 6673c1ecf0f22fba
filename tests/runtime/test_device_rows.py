"""Rows on a device. The processor's own memory is one, too, so most of it needs no other."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deploy.make_arrange import TARGET, make_arrange
from jumok.bundle.folder import Bundle, load_bundle
from jumok.decoding.batch_search import pad
from jumok.decoding.driver import start_search
from jumok.decoding.options import Decoding
from jumok.decoding.step_model import StepInput
from jumok.runtime.engine import Engine
from jumok.runtime.opening import open_engine
from jumok.runtime.resident_engine import ResidentEngine
from jumok.runtime.session import CPU
from jumok.service.model import ServedModel
from jumok.service.scheduler import Job, Scheduler, Update
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
def test_they_do_what_rows_on_the_host_do(
    engines: tuple[Engine, ResidentEngine], beam: int, seed: int
) -> None:
    """Whatever joins and leaves, each row steps as its twin on the host."""
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


def test_those_of_two_encodings_can_join_before_one_step(
    engines: tuple[Engine, ResidentEngine],
) -> None:
    """Who was encoded apart can join together, and leave before any step."""
    twins = Twins(engines, beam=2, seed=1)
    twins.admit([3, 7])
    twins.admit([5])
    twins.release(0)
    twins.admit([2])
    assert_alike(*twins.step(candidates=4))


def test_one_that_was_encoded_beside_longer_ones_fits(
    engines: tuple[Engine, ResidentEngine],
) -> None:
    """What was encoded can have more positions than the rows: they are padding there."""
    source = [5, 6, 3]
    found = []
    for engine in engines:
        encoded = engine.encode(*pad([source, [*range(4, 24), 3]]))
        rows = engine.rows(1, WIDTH, CAPACITY)
        rows.admit(0, encoded, 0)
        two = np.full((1, 1), 2)
        found.append(rows.step(StepInput(two, np.zeros_like(two), two, 3)))
    assert_alike(*found)


def test_what_a_step_gave_outlives_the_next(engines: tuple[Engine, ResidentEngine]) -> None:
    """Attention is kept by those who were given it: buffers that are used again must not be it."""
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


def test_a_step_changes_nothing_until_it_is_gone_on_with(
    engines: tuple[Engine, ResidentEngine],
) -> None:
    """Rows carry what they did before a step, for posterior alignment, until they go on."""
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
    """Greedy, beams and given translations, whoever is in between."""
    jobs = [make_jobs(bundle, engine) for engine in engines]
    ours, theirs = map(translate, jobs)
    for one, other, job, twin in zip(ours, theirs, *jobs, strict=True):
        for a, b in zip(one, other, strict=True):
            assert a.token_ids == b.token_ids
            assert np.abs(a.attention - b.attention).max() < 1e-5
        if job.posterior is not None and twin.posterior is not None:
            for row, same in zip(job.posterior, twin.posterior, strict=True):
                assert np.abs(row - same).max() < 1e-5


def test_the_graph_is_the_one_that_its_script_makes() -> None:
    """The committed graph is fresh."""
    assert make_arrange().SerializeToString(deterministic=True) == TARGET.read_bytes()

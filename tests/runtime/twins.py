"""Rows of two engines that receive the same calls."""

from collections.abc import Sequence

import numpy as np

from jumok.decoding.batch_search import pad
from jumok.decoding.step_model import Step, StepInput
from jumok.runtime.engine import Engine

WIDTH, CAPACITY = 9, 6  # no powers of two
WORDS = 40  # token ids in use are below


class Twins:
    """Rows on the host and on a device that receive the same calls."""

    def __init__(self, engines: tuple[Engine, Engine], beam: int, seed: int) -> None:
        self.engines = engines
        self.host, self.device = (engine.rows(beam, WIDTH, CAPACITY) for engine in engines)
        self.beam, self.count = beam, 0
        self.generator = np.random.default_rng(seed)

    def admit(self, lengths: Sequence[int]) -> None:
        sources = [[*self.generator.integers(4, WORDS, n - 1).tolist(), 3] for n in lengths]
        for rows, engine in ((self.host, self.engines[0]), (self.device, self.engines[1])):
            encoded = engine.encode(*pad(sources))
            # rows are filled in another order than the encoded batch has
            for place, sentence in enumerate(reversed(range(len(sources)))):
                rows.admit(self.count + place, encoded, sentence)
        self.count += len(lengths)

    def release(self, row: int) -> None:
        self.count -= 1
        for rows in (self.host, self.device):
            if row != self.count:
                rows.move(self.count, row)

    def step(self, candidates: int) -> tuple[Step, Step]:
        ids, scored = self.generator.integers(4, WORDS, (2, self.count, self.beam))
        parents = self.generator.integers(0, self.beam, (self.count, self.beam))
        inputs = StepInput(ids, parents, scored, candidates)
        return self.host.step(inputs), self.device.step(inputs)

    def advance(self) -> None:
        self.host.advance()
        self.device.advance()


def assert_alike(host: Step, device: Step) -> None:
    assert np.array_equal(host.token_ids, device.token_ids)
    for name in ("log_probs", "attention", "scored_log_probs"):
        ours, theirs = getattr(device, name), getattr(host, name)
        width = theirs.shape[-1]
        assert np.abs(ours[..., :width] - theirs).max() < 1e-5

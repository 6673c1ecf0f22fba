"""P3: this engine with static batching: a batch runs to its end before the next one starts."""

from collections.abc import Sequence

import numpy as np

from benchmarks.serving.workload import Sentence
from jumok.decoding.batch_search import pad_sources
from jumok.decoding.step_model import StepInput
from jumok.runtime.engine import Engine


class StaticBatching:
    """Runs all waiting sentences, up to the number of clients, as one batch to its end."""

    def __init__(self, engine: Engine, clients: int, begin: int) -> None:
        """Serve `clients` concurrent clients (closed loop)."""
        self._engine, self._clients, self._begin = engine, clients, begin

    def run(self, sentences: Sequence[Sentence]) -> None:
        """Translate all sentences in order of arrival, `clients` of them per batch."""
        for start in range(0, len(sentences), self._clients):
            self._translate(sentences[start : start + self._clients])

    def _translate(self, sentences: Sequence[Sentence]) -> None:
        source_ids, lengths = pad_sources([sentence.source for sentence in sentences])
        encoded = self._engine.encode(source_ids, lengths)
        rows = self._engine.rows(1, source_ids.shape[1], len(sentences))
        for row in range(len(sentences)):
            rows.admit(row, encoded, row)
        previous = np.full((len(sentences), 1), self._begin)
        zeros = np.zeros_like(previous)
        for _ in range(max(sentence.length for sentence in sentences)):
            previous = rows.step(StepInput(previous, zeros, zeros, 1)).token_ids[:, :, 0]
            rows.advance()

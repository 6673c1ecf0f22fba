"""A lane: running sentences of one beam width and of similar length, as rows of arrays."""

import numpy as np
from numpy.typing import NDArray

from decoding.posterior_attention import posterior_attention
from decoding.search import Ranked
from decoding.step_model import Encoded
from service.engine import Engine
from service.job import Job


class Lane:
    """Rows that are stepped together.

    Running rows are always a prefix, so what goes to the engine is a view. Leaving moves the last
    row into the hole; joining appends.

    Attributes:
        beam: hypotheses of each sentence.
        width: the longest source that fits, in tokens, the end counted.
        jobs: who stands in each running row.
    """

    def __init__(self, engine: Engine, beam: int, width: int, capacity: int) -> None:
        """Preallocate `capacity` rows of `beam` hypotheses and `width` source positions."""
        sizes = engine.sizes
        self._engine = engine
        self.beam, self.width = beam, width
        self.jobs: list[Job] = []
        self._previous_ids = np.zeros((capacity, beam), dtype=np.int64)
        self._parents = np.zeros((capacity, beam), dtype=np.int64)
        self._scored_ids = np.zeros((capacity, beam), dtype=np.int64)
        self._state = np.zeros((capacity, beam, sizes.state), dtype=np.float32)
        self._encoder_states = np.zeros((capacity, width, sizes.encoder), dtype=np.float32)
        self._projected_keys = np.zeros((capacity, width, sizes.key), dtype=np.float32)
        self._lengths = np.zeros(capacity, dtype=np.int32)

    def admit(self, job: Job, encoded: Encoded, sentence: int) -> None:
        """Append a row for a job, which is that sentence of what was encoded."""
        row, length = len(self.jobs), len(job.source)
        self._lengths[row] = length
        self._encoder_states[row, :length] = encoded.encoder_states[sentence, :length]
        self._projected_keys[row, :length] = encoded.projected_keys[sentence, :length]
        self._state[row] = encoded.decoder_state[sentence]
        self.jobs.append(job)
        self._ask(row, job)

    def step(self) -> None:
        """Step all running rows and let each job's search take in what came of it."""
        rows = slice(0, len(self.jobs))
        state = self._state[rows]
        encoded = self._encoded(rows)
        step = self._engine.step(
            self._previous_ids[rows],
            self._parents[rows],
            self._scored_ids[rows],
            state,
            encoded,
            max(job.search.candidates for job in self.jobs),
        )
        for row, job in enumerate(self.jobs):
            attention = step.attention[row, :, : len(job.source)]
            if job.posterior is not None:
                job.posterior.append(self._posterior(row, step.attention))
            job.search.advance(
                Ranked(
                    step.token_ids[row], step.log_probs[row], attention, step.scored_log_probs[row]
                )
            )
            self._ask(row, job)
        self._state[rows] = step.decoder_state

    def release(self, row: int) -> None:
        """Free a row; the last row moves into its place."""
        last = len(self.jobs) - 1
        if row != last:
            length = self._lengths[last]
            for array in (
                self._previous_ids,
                self._parents,
                self._scored_ids,
                self._state,
                self._lengths,
            ):
                array[row] = array[last]
            for memory in (self._encoder_states, self._projected_keys):
                memory[row, :length] = memory[last, :length]
            self.jobs[row] = self.jobs[last]
        self.jobs.pop()

    def _ask(self, row: int, job: Job) -> None:
        """Write down what the next step shall read for a job."""
        self._previous_ids[row] = job.search.previous
        self._parents[row] = job.search.parents
        self._scored_ids[row] = job.search.scored

    def _encoded(self, rows: slice) -> Encoded:
        return Encoded(
            self._encoder_states[rows],
            self._projected_keys[rows],
            self._state[rows, 0],
            self._lengths[rows],
        )

    def _posterior(self, row: int, attention: NDArray[np.float32]) -> NDArray[np.float32]:
        """Find the posterior attention, float32 [source], of a step that wrote a given token."""
        one = slice(row, row + 1)
        found = posterior_attention(
            self._engine,
            self._previous_ids[one],
            self._scored_ids[one],
            self._state[one],
            self._encoded(one),
            attention[one],
        )
        return found[0, 0, : self._lengths[row]]

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

    def step(self) -> None:
        """Step all running rows and let each job's search take in what came of it."""
        rows = slice(0, len(self.jobs))
        state = self._state[rows]
        encoded = self._encoded(rows)
        searches = [job.search for job in self.jobs]
        previous_ids = np.array([search.previous for search in searches], dtype=np.int64)
        scored_ids = np.array([search.scored for search in searches], dtype=np.int64)
        step = self._engine.step(
            previous_ids,
            np.array([search.parents for search in searches], dtype=np.int64),
            scored_ids,
            state,
            encoded,
            max(search.candidates for search in searches),
        )
        for row, job in enumerate(self.jobs):
            attention = step.attention[row, :, : len(job.source)]
            if job.posterior is not None:
                job.posterior.append(self._posterior(row, previous_ids, scored_ids, step.attention))
            job.search.advance(
                Ranked(
                    step.token_ids[row], step.log_probs[row], attention, step.scored_log_probs[row]
                )
            )
        self._state[rows] = step.decoder_state

    def release(self, row: int) -> None:
        """Free a row; the last row moves into its place."""
        last = len(self.jobs) - 1
        if row != last:
            length = self._lengths[last]
            for array in (self._state, self._lengths):
                array[row] = array[last]
            for memory in (self._encoder_states, self._projected_keys):
                memory[row, :length] = memory[last, :length]
            self.jobs[row] = self.jobs[last]
        self.jobs.pop()

    def _encoded(self, rows: slice) -> Encoded:
        return Encoded(
            self._encoder_states[rows],
            self._projected_keys[rows],
            self._state[rows, 0],
            self._lengths[rows],
        )

    def _posterior(
        self,
        row: int,
        previous_ids: NDArray[np.int64],
        scored_ids: NDArray[np.int64],
        attention: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """Find the posterior attention, float32 [source], of a step that wrote a given token."""
        one = slice(row, row + 1)
        found = posterior_attention(
            self._engine,
            previous_ids[one],
            scored_ids[one],
            self._state[one],
            self._encoded(one),
            attention[one],
        )
        return found[0, 0, : self._lengths[row]]

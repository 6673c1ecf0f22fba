"""A lane: running sentences of one beam width and of similar length."""

from typing import TYPE_CHECKING

import numpy as np

from jumok.decoding.posterior_attention import posterior_attention
from jumok.decoding.search import Ranked
from jumok.decoding.step_model import Encoded
from jumok.runtime.engine import Engine

if TYPE_CHECKING:
    from jumok.service.scheduler import Job


class Lane:
    """Sentences that are stepped together, a row each.

    Running rows are always a prefix. Leaving moves the last row into the hole; joining appends.

    Attributes:
        beam: hypotheses of each sentence.
        jobs: who stands in each running row.
    """

    def __init__(self, engine: Engine, beam: int, width: int, capacity: int) -> None:
        """Make `capacity` rows for sources of up to `width` tokens, the end counted."""
        self._engine = engine
        self._rows = engine.rows(beam, width, capacity)
        self.beam = beam
        self.jobs: list[Job] = []
        self._sentences: dict[Job, Encoded] = {}  # of those that ask for posterior attention

    def admit(self, job: "Job", encoded: Encoded, sentence: int) -> None:
        """Append a row for a job, which is that sentence of what was encoded."""
        self._rows.admit(len(self.jobs), encoded, sentence)
        self.jobs.append(job)

    def step(self) -> None:
        """Step all running rows and let each job's search take in what came of it."""
        searches = [job.search for job in self.jobs]
        previous_ids = np.array([search.previous for search in searches], dtype=np.int64)
        scored_ids = np.array([search.scored for search in searches], dtype=np.int64)
        step = self._rows.step(
            previous_ids,
            np.array([search.parents for search in searches], dtype=np.int64),
            scored_ids,
            max(search.candidates for search in searches),
        )
        wanted = any(job.posterior is not None for job in self.jobs)
        states = self._rows.states() if wanted else None
        for row, job in enumerate(self.jobs):
            length, one = len(job.source), slice(row, row + 1)
            attention = step.attention[row, :, :length]
            if job.posterior is not None and states is not None:
                if (sentence := self._sentences.get(job)) is None:
                    sentence = self._sentences[job] = self._rows.sentence(row)
                found = posterior_attention(
                    self._engine,
                    previous_ids[one],
                    scored_ids[one],
                    states[one],
                    sentence,
                    step.attention[one],
                )
                job.posterior.append(found[0, 0, :length])
            job.search.advance(
                Ranked(
                    step.token_ids[row], step.log_probs[row], attention, step.scored_log_probs[row]
                )
            )
        self._rows.advance()

    def release(self, row: int) -> None:
        """Free a row; the last row moves into its place."""
        self._sentences.pop(self.jobs[row], None)
        last = len(self.jobs) - 1
        if row != last:
            self._rows.move(last, row)
            self.jobs[row] = self.jobs[last]
        self.jobs.pop()

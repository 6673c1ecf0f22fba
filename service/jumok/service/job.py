"""Sentences that the scheduler decodes, and the updates on their progress."""

import time
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from jumok.decoding.driver import StepView
from jumok.decoding.hypothesis import ScoredHypothesis, TokenSequence
from jumok.decoding.search import Search
from jumok.service.caller import Caller
from jumok.service.errors import ServiceError
from jumok.service.model import ServedModel

_UNKNOWN: Final = Caller("")


class Job:
    """A sentence to decode; compared by identity.

    Attributes:
        model: the model that decodes it.
        source: token ids, including the end.
        search: decides the tokens; advanced by the engine's thread.
        caller: who waits for it; callers share the engine fairly.
        batched: whether it is one text of a batch, whose number is limited elsewhere.
        rows: number of rows that each of its steps computes: one for each hypothesis; for
            posterior attention, one more for each source position.
        cost: the work that it is expected to be: rows × steps, and the source tokens.
        provisional: whether updates carry provisional tokens.
        posterior: if not None, each step appends its posterior attention, float32 [source]; the
            search must then follow a given translation.
        view: if not None, sees the input of one step; the search must decide a token per step.
        deadline: when the caller stops waiting. All times are in seconds of `time.monotonic`.
        arrived: when the job was created.
        started: when its encoding began; 0 before.
        encoded: when its encoding ended; 0 before.
        reported: number of decided tokens delivered so far.
        extra: whether its rows are beyond `max_rows`; see `Scheduler._take`.
        cancelled: may be set by any thread at any time; the row is released before the next step.
    """

    __slots__ = (
        "arrived",
        "batched",
        "caller",
        "cancelled",
        "cost",
        "deadline",
        "encoded",
        "extra",
        "model",
        "posterior",
        "provisional",
        "reported",
        "rows",
        "search",
        "source",
        "started",
        "view",
    )

    def __init__(
        self,
        model: ServedModel,
        source: Sequence[int],
        search: Search,
        *,
        provisional: bool = False,
        posterior: bool = False,
        view: StepView | None = None,
        deadline: float = float("inf"),
        caller: Caller = _UNKNOWN,
        batched: bool = False,
        steps: int | None = None,
    ) -> None:
        """Create a job; `steps` is the expected number of target tokens."""
        self.model, self.source, self.search = model, source, search
        self.provisional, self.deadline = provisional, deadline
        self.posterior: list[NDArray[np.float32]] | None = [] if posterior else None
        self.view = view
        self.caller, self.batched = caller, batched
        self.rows = search.beam * (1 + len(source) if posterior else 1)
        self.cost = search.beam * len(source) + self.rows * (steps or len(source))
        self.arrived = time.monotonic()
        self.started = self.encoded = 0.0
        self.reported = 0
        self.extra = self.cancelled = False

    def is_wanted(self, now: float) -> bool:
        """Return whether the caller is still waiting."""
        return not self.cancelled and now < self.deadline


class Update(NamedTuple):
    """The progress of one job after a step.

    Attributes:
        job: the job.
        decided: number of tokens of `job.search.decided` that are decided.
        provisional: tokens that would follow them if the search ended now; None if not requested.
        outcome: the hypotheses, best first, or the error that ended the job; None while it runs.
    """

    job: Job
    decided: int
    provisional: TokenSequence | None = None
    outcome: Sequence[ScoredHypothesis] | ServiceError | None = None

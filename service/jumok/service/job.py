"""A sentence on its way through the engine."""

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jumok.decoding.search import Search


class Job:
    """A sentence, and how it is decoded. Equal to itself alone.

    Attributes:
        source: token ids, ended.
        search: decides its translation; it is the engine's thread's.
        revisions: whether provisional tokens are wanted, too.
        posterior: where not None, the posterior attention of each step is appended, float32
            [source]; the search must follow a given translation then.
        deadline: when nobody waits for it any more; like all times, in seconds of
            `time.monotonic`.
        arrived: when it was made.
        started: when its encoding began.
        cancelled: set by anyone at any time; its row is freed before the next step.
    """

    __slots__ = (
        "arrived",
        "cancelled",
        "deadline",
        "posterior",
        "revisions",
        "search",
        "source",
        "started",
    )

    def __init__(
        self,
        source: Sequence[int],
        search: Search,
        *,
        revisions: bool = False,
        posterior: bool = False,
        deadline: float = float("inf"),
    ) -> None:
        self.source, self.search = source, search
        self.revisions, self.deadline = revisions, deadline
        self.posterior: list[NDArray[np.float32]] | None = [] if posterior else None
        self.arrived = time.monotonic()
        self.started = 0.0
        self.cancelled = False

    def is_wanted(self, now: float) -> bool:
        """Tell whether anybody still waits for it."""
        return not self.cancelled and now < self.deadline

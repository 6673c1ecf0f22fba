"""The interface of searches, which decide the tokens of one sentence step by step."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from jumok.decoding.hypothesis import Alternatives, ScoredHypothesis, TokenSequence


class Ranked(NamedTuple):
    """The result of a step for one sentence.

    Attributes:
        token_ids: int64 [beam, candidates], best first.
        log_probs: float32 [beam, candidates].
        attention: float32 [beam, source], over true positions; searches keep it without a copy.
        scored_log_probs: float32 [beam], of `Search.scored`.
    """

    token_ids: NDArray[np.int64]
    log_probs: NDArray[np.float32]
    attention: NDArray[np.float32]
    scored_log_probs: NDArray[np.float32]


class Search(Protocol):
    """Decides the tokens of one sentence."""

    @property
    def beam(self) -> int:
        """Number of hypotheses that are stepped."""
        ...

    @property
    def candidates(self) -> int:
        """Minimum number of continuations per hypothesis that `advance` needs."""
        ...

    @property
    def previous(self) -> Sequence[int]:
        """Token ids [beam] for the next step to read."""
        ...

    @property
    def parents(self) -> Sequence[int]:
        """Index of the hypothesis [beam] that each of them extends."""
        ...

    @property
    def scored(self) -> Sequence[int]:
        """Token ids [beam] for the next step to score."""
        ...

    @property
    def done(self) -> bool:
        """Whether the search is finished."""
        ...

    @property
    def decided(self) -> TokenSequence:
        """The tokens that no later step can change; `advance` appends to them."""
        ...

    def advance(self, ranked: Ranked) -> None:
        """Process the result of the next step."""
        ...

    def provisional(self) -> TokenSequence:
        """Return the tokens that would follow `decided` if the search ended now."""
        ...

    def hypotheses(self) -> list[ScoredHypothesis]:
        """Return at least one translation, best first; only when the search is done."""
        ...


def alternatives(
    token_ids: NDArray[Any], log_probs: NDArray[Any], chosen: int, count: int
) -> Alternatives:
    """Return the best `count` candidates other than `chosen`, from arrays [candidates]."""
    if not count:
        return ()
    others = zip(token_ids[: count + 1].tolist(), log_probs[: count + 1].tolist(), strict=True)
    return tuple(pair for pair in others if pair[0] != chosen)[:count]

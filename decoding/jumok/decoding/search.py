"""A search: what decides the tokens of one sentence, a step of the model at a time."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from jumok.decoding.hypothesis import Alternatives, ScoredHypothesis, TokenSequence


class Ranked(NamedTuple):
    """What a step of the model says about one sentence.

    Attributes:
        token_ids: int64 [beam, candidates], best first.
        log_probs: float32 [beam, candidates].
        attention: float32 [beam, source], over true positions; kept as it is, not copied.
        scored_log_probs: float32 [beam], of `scored`.
    """

    token_ids: NDArray[np.int64]
    log_probs: NDArray[np.float32]
    attention: NDArray[np.float32]
    scored_log_probs: NDArray[np.float32]


class Search(Protocol):
    """Decides the tokens of one sentence."""

    @property
    def beam(self) -> int:
        """Hypotheses that are stepped."""
        ...

    @property
    def candidates(self) -> int:
        """How many continuations of each it must be shown, or more."""
        ...

    @property
    def previous(self) -> Sequence[int]:
        """Token ids [beam] that the next step reads."""
        ...

    @property
    def parents(self) -> Sequence[int]:
        """Which hypothesis [beam] each of them continues."""
        ...

    @property
    def scored(self) -> Sequence[int]:
        """Token ids [beam] whose log-probabilities it wants."""
        ...

    @property
    def done(self) -> bool:
        """Whether all is decided."""
        ...

    @property
    def decided(self) -> TokenSequence:
        """The tokens that no further step can change; `advance` appends to them."""
        ...

    def advance(self, ranked: Ranked) -> None:
        """Take in the result of the next step."""
        ...

    def provisional(self) -> TokenSequence:
        """Return the tokens that would follow `decided` if the search ended now."""
        ...

    def hypotheses(self) -> list[ScoredHypothesis]:
        """Return the translations found, best first, at least one; once it is done."""
        ...


def alternatives(
    token_ids: NDArray[Any], log_probs: NDArray[Any], chosen: int, count: int
) -> Alternatives:
    """Return the best `count` of candidates [candidates] that are not `chosen`."""
    if not count:
        return ()
    others = zip(token_ids[: count + 1].tolist(), log_probs[: count + 1].tolist(), strict=True)
    return tuple(pair for pair in others if pair[0] != chosen)[:count]

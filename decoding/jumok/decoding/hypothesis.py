"""A translation as a search decided it: its tokens and its score."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from jumok.decoding.options import Decoding

Alternatives = tuple[tuple[int, float], ...]
"""Token ids that were not chosen and their log-probabilities, most probable first."""


@dataclass(slots=True)
class TokenSequence:
    """Tokens in order, with what the model said of each, as parallel lists.

    A search appends to its sequence on the engine's thread, and never changes what is there: other
    threads may read any prefix whose length they were told.

    Attributes:
        token_ids: the tokens; the end of the sentence is one.
        log_probs: natural-log probability of each.
        attention: float32 [source] each, of the step that chose the token, over true positions.
        alternatives: as many of the best other candidates as were asked for.
    """

    token_ids: list[int] = field(default_factory=list)
    log_probs: list[float] = field(default_factory=list)
    attention: list[NDArray[np.float32]] = field(default_factory=list)
    alternatives: list[Alternatives] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.token_ids)

    def append(
        self,
        token_id: int,
        log_prob: float,
        attention: NDArray[np.float32],
        alternatives: Alternatives,
    ) -> None:
        """Add a token; its id comes last, for its length is what other threads go by."""
        self.log_probs.append(log_prob)
        self.attention.append(attention)
        self.alternatives.append(alternatives)
        self.token_ids.append(token_id)

    def extend(self, following: "TokenSequence") -> None:
        """Add the tokens of another sequence; ids last, as in `append`."""
        self.log_probs += following.log_probs
        self.attention += following.attention
        self.alternatives += following.alternatives
        self.token_ids += following.token_ids

    def joined(self, start: int, stop: int, following: "TokenSequence") -> "TokenSequence":
        """Return tokens `start` to `stop`, and those of `following` after them."""
        return TokenSequence(
            self.token_ids[start:stop] + following.token_ids,
            self.log_probs[start:stop] + following.log_probs,
            self.attention[start:stop] + following.attention,
            self.alternatives[start:stop] + following.alternatives,
        )


@dataclass(frozen=True, slots=True)
class ScoredHypothesis:
    """A whole translation.

    Attributes:
        tokens: its tokens, the end of the sentence among them where it was reached.
        score: as `score` defines it.
        ended: whether the model ended it, rather than a limit.
    """

    tokens: TokenSequence
    score: float
    ended: bool

    @property
    def token_ids(self) -> tuple[int, ...]:
        """Its tokens without the end of the sentence."""
        return tuple(self.tokens.token_ids[: len(self.tokens) - self.ended])

    @property
    def log_probs(self) -> NDArray[np.float32]:
        """float32 [target]: of each token, and of the end where it was reached; in nats."""
        return np.array(self.tokens.log_probs, dtype=np.float32)

    @property
    def attention(self) -> NDArray[np.float32]:
        """float32 [target, source]: a row for each of these, columns the true positions."""
        return np.stack(self.tokens.attention)


def length_penalty(length: int, decoding: Decoding) -> float:
    """Return ((5 + n) / 6)^α for n tokens, the end counted (Wu et al. 2016, eq. 14)."""
    return float(((5 + length) / 6) ** decoding.length_penalty)


def coverage_penalty(coverage: NDArray[np.float32], decoding: Decoding) -> float:
    """Return β Σ_i log(min(Σ_j a_ij, 1)) of the attention that each position got, [source]."""
    least = np.finfo(np.float32).tiny  # a position without any attention must not cost infinity
    return decoding.coverage_penalty * float(np.log(np.clip(coverage, least, 1)).sum())


def score(
    log_probs: Sequence[float], attention: Sequence[NDArray[np.float32]], decoding: Decoding
) -> float:
    """Score a translation: log P / length penalty + coverage penalty (Wu et al. 2016, eq. 14).

    Args:
        log_probs: of its tokens, the end included where it was reached.
        attention: float32 [source] each, of the steps that chose them.
        decoding: has α and β.
    """
    total = sum(log_probs) / length_penalty(len(log_probs), decoding)
    if decoding.coverage_penalty:
        total += coverage_penalty(np.sum(attention, axis=0), decoding)
    return total

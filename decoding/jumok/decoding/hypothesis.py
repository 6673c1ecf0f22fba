"""The result of a search: token sequences and their scores."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from jumok.decoding.options import Decoding

Alternatives = tuple[tuple[int, float], ...]
"""Token ids that were not chosen, with their log-probabilities, most probable first."""


@dataclass(slots=True)
class TokenSequence:
    """Tokens with their probabilities and attention, as parallel lists.

    A search appends to its sequence on the engine's thread and never changes existing entries, so
    other threads may read any prefix whose length they have been given.

    Attributes:
        token_ids: token ids, including the end of the sentence.
        log_probs: log-probability of each token, in nats.
        attention: attention of the step that chose the token, float32 [source] each, over true
            positions.
        alternatives: the requested number of best other candidates for each token.
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
        """Append a token, its id last, because other threads read the length of `token_ids`."""
        self.log_probs.append(log_prob)
        self.attention.append(attention)
        self.alternatives.append(alternatives)
        self.token_ids.append(token_id)

    def extend(self, following: "TokenSequence") -> None:
        """Append the tokens of another sequence; ids last, as in `append`."""
        self.log_probs += following.log_probs
        self.attention += following.attention
        self.alternatives += following.alternatives
        self.token_ids += following.token_ids

    def joined(self, start: int, stop: int, following: "TokenSequence") -> "TokenSequence":
        """Return the tokens from `start` to `stop`, followed by those of `following`."""
        return TokenSequence(
            self.token_ids[start:stop] + following.token_ids,
            self.log_probs[start:stop] + following.log_probs,
            self.attention[start:stop] + following.attention,
            self.alternatives[start:stop] + following.alternatives,
        )


@dataclass(frozen=True, slots=True)
class ScoredHypothesis:
    """A complete translation.

    Attributes:
        tokens: tokens, including the end of the sentence if it was reached.
        score: score as computed by `score`.
        ended: whether the model ended it, rather than the limit of tokens.
    """

    tokens: TokenSequence
    score: float
    ended: bool

    @property
    def token_ids(self) -> tuple[int, ...]:
        """Token ids without the end of the sentence."""
        return tuple(self.tokens.token_ids[: len(self.tokens) - self.ended])

    @property
    def log_probs(self) -> NDArray[np.float32]:
        """Log-probabilities float32 [target] in nats, including the end if it was reached."""
        return np.array(self.tokens.log_probs, dtype=np.float32)

    @property
    def attention(self) -> NDArray[np.float32]:
        """Attention float32 [target, source] of the same tokens, over true source positions."""
        return np.stack(self.tokens.attention)


def length_penalty(length: int, decoding: Decoding) -> float:
    """Return ((5 + n) / 6)^α for n tokens, including the end (Wu et al. 2016, eq. 14)."""
    return float(((5 + length) / 6) ** decoding.length_penalty)


def coverage_penalty(coverage: NDArray[np.float32], decoding: Decoding) -> float:
    """Return β Σ_i log(min(Σ_j a_ij, 1)) of the attention summed over tokens, [source]."""
    least = np.finfo(np.float32).tiny  # log(0) for a position without attention is infinite
    return decoding.coverage_penalty * float(np.log(np.clip(coverage, least, 1)).sum())


def score(
    log_probs: Sequence[float], attention: Sequence[NDArray[np.float32]], decoding: Decoding
) -> float:
    """Score a translation: log P / length penalty + coverage penalty (Wu et al. 2016, eq. 14).

    Args:
        log_probs: log-probabilities of its tokens, including the end if it was reached.
        attention: attention of each token, float32 [source].
        decoding: options with α and β.
    """
    total = sum(log_probs) / length_penalty(len(log_probs), decoding)
    if decoding.coverage_penalty:
        total += coverage_penalty(np.sum(attention, axis=0), decoding)
    return total

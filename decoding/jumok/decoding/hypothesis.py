"""A translation as it was decided: its tokens and what it is worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jumok.decoding.options import Decoding


class Choice(NamedTuple):
    """A token that was chosen.

    Attributes:
        token_id: it; the end is a token.
        log_prob: its natural-log probability.
        attention: float32 [source], of the step that chose it, over true positions.
        alternatives: the best others and their log-probabilities, best first.
    """

    token_id: int
    log_prob: float
    attention: NDArray[np.float32]
    alternatives: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A whole translation.

    Attributes:
        choices: its tokens, the end among them where it was reached.
        score: as `score` says.
        ended: whether the model ended it, and not a limit.
    """

    choices: tuple[Choice, ...]
    score: float
    ended: bool

    @property
    def token_ids(self) -> tuple[int, ...]:
        """Its tokens, the end left out."""
        return tuple(choice.token_id for choice in self.choices[: len(self.choices) - self.ended])

    @property
    def log_probs(self) -> NDArray[np.float32]:
        """float32 [target]: of each token, and of the end where it was reached; in nats."""
        return np.array([choice.log_prob for choice in self.choices], dtype=np.float32)

    @property
    def attention(self) -> NDArray[np.float32]:
        """float32 [target, source]: a row for each of these, columns the true positions."""
        return np.stack([choice.attention for choice in self.choices])


def length_penalty(length: int, decoding: Decoding) -> float:
    """((5 + n) / 6)^α for n tokens, the end counted (Wu et al. 2016, eq. 14)."""
    return float(((5 + length) / 6) ** decoding.length_penalty)


def coverage_penalty(coverage: NDArray[np.float32], decoding: Decoding) -> float:
    """β Σ_i log(min(Σ_j a_ij, 1)) of the attention that each source position got, [source]."""
    least = np.finfo(np.float32).tiny  # a position that got none at all is not worth -inf
    return decoding.coverage_penalty * float(np.log(np.clip(coverage, least, 1)).sum())


def score(choices: Sequence[Choice], decoding: Decoding) -> float:
    """What a translation of these tokens is worth: log P / length penalty + coverage penalty."""
    total = sum(choice.log_prob for choice in choices) / length_penalty(len(choices), decoding)
    if decoding.coverage_penalty:
        coverage = np.sum([choice.attention for choice in choices], axis=0)
        total += coverage_penalty(coverage, decoding)
    return total

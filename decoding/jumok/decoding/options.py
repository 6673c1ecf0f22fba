"""How to decode a sentence."""

from dataclasses import dataclass
from typing import Final

WIDEST_BEAM: Final = 16
MOST_SAMPLED: Final = 256
"""Sampling draws from so many of the best tokens; the others together have little probability."""
MOST_ALTERNATIVES: Final = 16


@dataclass(frozen=True, slots=True)
class SamplingParameters:
    """Drawing each token from what the model thinks of it.

    Attributes:
        temperature: log-probabilities are divided by it before they are drawn by; above 0.
        top_k: only so many of the best tokens are drawn from.
        top_p: of those only the best that together have this probability, and the one that
            reaches it (nucleus sampling, Holtzman et al. 2020); above 0, 1 keeps all.
        seed: of the numbers drawn; equal seeds draw equal translations.
    """

    temperature: float = 1.0
    top_k: int = MOST_SAMPLED
    top_p: float = 1.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Decoding:
    """How to decode; by default greedily.

    Attributes:
        max_tokens: the most tokens, the end not counted.
        min_tokens: the fewest.
        prefix: token ids that the translation begins with. An end among them ends it: so a given
            translation is scored.
        beam: hypotheses that a sentence goes on with.
        hypotheses: how many to return, at most `beam`.
        length_penalty: α of Wu et al. 2016, eq. 14: hypotheses are compared by
            log P / ((5 + n) / 6)^α for n tokens, the end counted.
        coverage_penalty: β of the same: β Σ_i log(min(Σ_j a_ij, 1)) is added.
        sampling: where not None, tokens are drawn instead of searched for.
        alternatives: so many of the best other candidates are told for each token.
    """

    max_tokens: int
    min_tokens: int = 0
    prefix: tuple[int, ...] = ()
    beam: int = 1
    hypotheses: int = 1
    length_penalty: float = 1.0
    coverage_penalty: float = 0.0
    sampling: SamplingParameters | None = None
    alternatives: int = 0

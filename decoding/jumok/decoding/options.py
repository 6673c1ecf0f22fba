"""Decoding options."""

from dataclasses import dataclass
from typing import Final

WIDEST_BEAM: Final = 16
MOST_SAMPLED: Final = 256
"""The most tokens to sample from; the others have a negligible share of the probability."""
MOST_ALTERNATIVES: Final = 16


@dataclass(frozen=True, slots=True)
class SamplingParameters:
    """Options for sampling tokens from the model's distribution.

    Attributes:
        temperature: log-probabilities are divided by it; above 0.
        top_k: sample from this many of the most probable tokens.
        top_p: of these, sample from the smallest set of most probable tokens whose probability
            reaches this value (nucleus sampling, Holtzman et al. 2020); above 0, 1 keeps all.
        seed: seed of the random generator; equal seeds give equal translations.
    """

    temperature: float = 1.0
    top_k: int = MOST_SAMPLED
    top_p: float = 1.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Decoding:
    """Options of a search; greedy by default.

    Attributes:
        max_tokens: maximum number of tokens, not counting the end.
        min_tokens: minimum number of tokens, not counting the end.
        prefix: token ids that the translation starts with. If it contains the end, the translation
            ends there, which is forced decoding.
        beam: number of hypotheses to keep.
        hypotheses: number of hypotheses to return, at most `beam`.
        length_penalty: α of Wu et al. 2016, eq. 14: hypotheses are compared by
            log P / ((5 + n) / 6)^α for n tokens, including the end.
        coverage_penalty: β of the same equation: β Σ_i log(min(Σ_j a_ij, 1)) is added.
        sampling: if not None, tokens are sampled.
        alternatives: number of best other candidates to return for each token.
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

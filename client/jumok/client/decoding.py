"""Decoding options, as in the wire's `DecodingOptions`; None is the server's default.

Defaults and limits are documented in `proto/jumok/v1/translation.proto`. The server checks values
against its model; the client refuses only what a message cannot hold.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BeamSearch:
    """Follow the best hypotheses side by side.

    Attributes:
        width: how many.
        num_hypotheses: how many of them to return, best first.
        length_penalty: α of Wu et al. 2016, eq. 14: the larger, the longer the translation.
        coverage_penalty: β of the same equation: rewards attention to every source token.
        provisional: whether to stream provisional tokens, see `Tokens.provisional`.
    """

    width: int | None = None
    num_hypotheses: int | None = None
    length_penalty: float | None = None
    coverage_penalty: float | None = None
    provisional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """Draw each token from the model's distribution.

    Attributes:
        temperature: divides the log-probabilities before sampling.
        top_k: samples from this many of the most probable tokens only.
        top_p: samples from the most probable tokens that together reach this probability.
        seed: equal seeds give equal translations; None draws one, see `Result.seed`.
    """

    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodingOptions:
    """How to search: greedily, or with one of `beam_search` and `sampling`.

    Attributes:
        max_tokens: the most tokens to write, the end of the sentence not counted.
        min_tokens: the fewest.
        target_prefix: what the translation begins with.
        beam_search: search with a beam.
        sampling: draw at random.
        alternatives: how many other candidates to return with each token, the most probable ones.
        replace_unknown: whether the source word most attended to replaces the unknown piece.
    """

    max_tokens: int | None = None
    min_tokens: int | None = None
    target_prefix: str = ""
    beam_search: BeamSearch | None = None
    sampling: Sampling | None = None
    alternatives: int = 0
    replace_unknown: bool = False

"""How to decode, as `DecodingOptions` of the wire says; None is the server's default.

Defaults and limits stand beside each field of `proto/jumok/v1/translation.proto`. The server checks
them against its model; the client refuses only what no message can carry.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BeamSearch:
    """Follow the best hypotheses side by side.

    Attributes:
        width: How many.
        num_hypotheses: How many of them to return, best first.
        length_penalty: α of Wu et al. 2016, eq. 14: the larger, the longer the translation.
        coverage_penalty: β of the same equation: asks for every source token to be attended to.
        provisional: Whether `Tokens.provisional` has what would follow if the search ended now.
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
        temperature: Log-probabilities are divided by it before they are drawn by.
        top_k: Only so many of the most probable tokens are drawn from.
        top_p: Of those only the most probable that together reach this probability.
        seed: Equal seeds give equal translations; None: a fresh one, which `Result.seed` tells.
    """

    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodingOptions:
    """How a translation is searched for: greedily, or by one of `beam_search` and `sampling`.

    Attributes:
        max_tokens: The most tokens to write, the end of the sentence not counted.
        min_tokens: The fewest.
        target_prefix: What the translation begins with.
        beam_search: Search with a beam.
        sampling: Draw at random.
        alternatives: How many of the most probable other candidates come with each token.
        replace_unknown: Whether the source word most attended to replaces the unknown piece.
    """

    max_tokens: int | None = None
    min_tokens: int | None = None
    target_prefix: str = ""
    beam_search: BeamSearch | None = None
    sampling: Sampling | None = None
    alternatives: int = 0
    replace_unknown: bool = False

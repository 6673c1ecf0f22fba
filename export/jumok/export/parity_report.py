"""The parity report and its tolerances."""

from math import isfinite
from typing import Final

from pydantic import BaseModel, ConfigDict

from jumok.export.errors import ParityError

TOLERANCE: Final = 1e-5
"""The largest difference allowed between float32 outputs, relative to max(1, |value|); also the
largest difference of two log-probabilities that count as a tie. States and attention are at most 1,
so for them it is absolute."""

ROUNDING: Final = 4
"""Two correct programs cannot agree better than float32 permits. If this many times the difference
between PyTorch's own float32 and float64 outputs exceeds TOLERANCE, it is the limit instead."""

CEILING: Final = 1e-4
"""The highest limit, whatever the rounding."""

SENTENCES: Final = 200
"""The minimum number of sentences to compare translations of."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Difference(_Frozen):
    """The largest difference of an output from PyTorch's, relative to max(1, |value|).

    Attributes:
        found: difference between ONNX Runtime and PyTorch, both in float32.
        rounding: difference between PyTorch in float32 and in float64.
    """

    found: float
    rounding: float

    @property
    def limit(self) -> float:
        """The largest difference allowed."""
        # NaN counts as an infinite difference and must not raise the limit
        if not isfinite(self.rounding):
            return TOLERANCE
        return min(max(TOLERANCE, ROUNDING * self.rounding), CEILING)


class ProviderParity(_Frozen):
    """The comparison on one execution provider.

    Attributes:
        encoder: the encoder's outputs, at true positions.
        decoder_state: the step's next decoder state.
        attention: the step's attention.
        log_probs: the step's log-probabilities.
        attention_sum: largest distance from 1 of an attention row's sum over true positions.
        sentences: number of held-out sentences translated greedily.
        identical: number of translations with the same tokens as PyTorch.
        ties: number of translations that first differ from PyTorch where two tokens are tied.
        company_tokens: number of translations that change when batched with others.
        company_attention: largest difference of attention between single and batched sentences.
    """

    encoder: Difference
    decoder_state: Difference
    attention: Difference
    log_probs: Difference
    attention_sum: float
    sentences: int
    identical: int
    ties: int
    company_tokens: int
    company_attention: float


class Rounding(_Frozen):
    """The effect of rounding weights to float16 on greedy translations, in PyTorch.

    Attributes:
        sentences: number of sentences translated.
        identical: number of translations with the same tokens.
        log_probs: largest difference of a token's log-probability in these, in nats.
    """

    sentences: int
    identical: int
    log_probs: float


class PrecisionParity(_Frozen):
    """Greedy translations in one precision, compared with float32 on the same provider.

    Attributes:
        provider: execution provider of both; older reports, made on the CPU, do not have it.
        sentences: number of sentences translated.
        identical: number of translations with the same tokens.
        bleu: BLEU with the translations in float32 as references.
        chrf: chrF with the same references.
        company_tokens: number of translations that change when batched with others.
        company_attention: largest difference of attention between single and batched sentences.
    """

    provider: str = "CPUExecutionProvider"
    sentences: int
    identical: int
    bleu: float
    chrf: float
    company_tokens: int
    company_attention: float


class ParityReport(_Frozen):
    """The parity report of a bundle.

    Attributes:
        tolerance: limit of all differences, unless rounding raises it.
        batch_sizes: smallest and largest batch.
        lengths: shortest and longest source, in tokens.
        providers: comparison with PyTorch, by execution provider.
        rounding: effect of storing weights in float16, if they are.
        int8: comparison of the int8 graphs with float32, if there are any.
        float16: the same for the float16 graphs. Batching may change their results: a sum that
            differs in its last bit can round to the next float16, which is 5e-4 away.
    """

    tolerance: float
    batch_sizes: tuple[int, int]
    lengths: tuple[int, int]
    providers: dict[str, ProviderParity]
    rounding: Rounding | None = None
    int8: PrecisionParity | None = None
    float16: PrecisionParity | None = None

    def require(self) -> None:
        """Check all limits.

        Raises:
            ParityError: one is exceeded; the message says which.
        """
        for provider, found in self.providers.items():
            if found.sentences < SENTENCES:
                raise ParityError(
                    f"parity on {provider}: only {found.sentences} held-out sentences are within "
                    f"the limits, but {SENTENCES} are needed; train on a larger corpus or raise "
                    "its limits; nothing was written"
                )
            for what, difference, limit in (
                ("encoder outputs differ from PyTorch's", found.encoder.found, found.encoder.limit),
                (
                    "the decoder step's state differs from PyTorch's",
                    found.decoder_state.found,
                    found.decoder_state.limit,
                ),
                ("attention differs from PyTorch's", found.attention.found, found.attention.limit),
                (
                    "log-probabilities differ from PyTorch's",
                    found.log_probs.found,
                    found.log_probs.limit,
                ),
                ("sums of attention rows differ from 1", found.attention_sum, self.tolerance),
                (
                    "attention changes when sentences are batched",
                    found.company_attention,
                    self.tolerance,
                ),
            ):
                if not difference <= limit:
                    raise ParityError(
                        f"parity on {provider}: {what} by {difference:.1e}, but only {limit:.1e} "
                        "is allowed; nothing was written"
                    )
            for what, count in (
                (
                    "are translated differently from PyTorch",
                    found.sentences - found.identical - found.ties,
                ),
                ("change when batched with others", found.company_tokens),
            ):
                if count:
                    raise ParityError(
                        f"parity on {provider}: {count} of {found.sentences} sentences "
                        f"{what}; nothing was written"
                    )
        if self.int8 is not None and (
            self.int8.company_tokens or not self.int8.company_attention <= self.tolerance
        ):
            raise ParityError(
                f"parity in int8: {self.int8.company_tokens} of {self.int8.sentences} translations "
                f"change when batched with others, and attention by up to "
                f"{self.int8.company_attention:.1e}; nothing was written"
            )

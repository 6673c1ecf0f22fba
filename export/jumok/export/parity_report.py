"""What the parity report says, and the bars that it must meet."""

from math import isfinite
from typing import Final

from pydantic import BaseModel, ConfigDict

from jumok.export.errors import ParityError

TOLERANCE: Final = 1e-5
"""The largest difference allowed between float32 outputs, of the larger of 1 and the value; also
what two log-probabilities may be apart to count as a tie. States and attention are at most 1, so
for them it is absolute."""

ROUNDING: Final = 4
"""Two correct programs cannot agree better than float32 lets them. Where PyTorch's own float32
outputs are so far from its float64 ones that this many times that distance is more than TOLERANCE,
the bar is there."""

CEILING: Final = 1e-4
"""But never higher than this."""

SENTENCES: Final = 200
"""The fewest sentences that must be translated alike."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Difference(_Frozen):
    """How far an output is from PyTorch's, at the most, of the larger of 1 and the value.

    Attributes:
        found: ONNX Runtime's from PyTorch's, both in float32.
        rounding: PyTorch's in float32 from PyTorch's in float64.
    """

    found: float
    rounding: float

    @property
    def bar(self) -> float:
        """The largest difference allowed."""
        # outputs that are no numbers are infinitely far off: that is no reason to allow more
        if not isfinite(self.rounding):
            return TOLERANCE
        return min(max(TOLERANCE, ROUNDING * self.rounding), CEILING)


class ProviderParity(_Frozen):
    """What was found on one execution provider.

    Attributes:
        encoder: the encoder's outputs, at true positions.
        decoder_state: the step's next decoder state.
        attention: the step's attention.
        log_probs: the step's log-probabilities.
        attention_sum: distance of an attention row's sum over true positions from 1.
        sentences: those translated greedily, held-out ones as far as there are enough.
        identical: of them, those with PyTorch's tokens.
        ties: of them, those that part from PyTorch's where two tokens are a tie.
        company_tokens: of them, those whose tokens depend on what they are batched with.
        company_attention: difference of attention, alone and in company.
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
    """What rounding the weights to float16 did to greedy translations, in PyTorch.

    Attributes:
        sentences: those translated.
        identical: of them, those with the same tokens.
        log_probs: the largest difference of a token's log-probability in these, in nats.
    """

    sentences: int
    identical: int
    log_probs: float


class PrecisionParity(_Frozen):
    """What a precision costs against float32, on one execution provider, decoding greedily.

    Attributes:
        provider: both ran on it; reports that do not say were made on the CPU.
        sentences: those translated.
        identical: of them, those with the same tokens.
        bleu: of its translations, with those of float32 for references.
        chrf: likewise.
        company_tokens: sentences whose tokens depend on what they are batched with.
        company_attention: difference of attention, alone and in company.
    """

    provider: str = "CPUExecutionProvider"
    sentences: int
    identical: int
    bleu: float
    chrf: float
    company_tokens: int
    company_attention: float


class ParityReport(_Frozen):
    """The whole report.

    Attributes:
        tolerance: the bar of every difference, rounding aside.
        batch_sizes: smallest and largest.
        lengths: shortest and longest source, in tokens.
        providers: what was found, by execution provider.
        rounding: of the weights, where they are stored in float16.
        int8: what the graphs in int8 cost, where there are some.
        float16: likewise. No bar is set for company: a sum that is off in its last bit can round
            to the neighbour in float16, which is off by 5e-4.
    """

    tolerance: float
    batch_sizes: tuple[int, int]
    lengths: tuple[int, int]
    providers: dict[str, ProviderParity]
    rounding: Rounding | None = None
    int8: PrecisionParity | None = None
    float16: PrecisionParity | None = None

    def require(self) -> None:
        """Check every bar.

        Raises:
            ParityError: one failed; the message says which.
        """
        for provider, found in self.providers.items():
            if found.sentences < SENTENCES:
                raise ParityError(
                    f"parity on {provider}: {found.sentences} sentences can be translated where "
                    f"{SENTENCES} are needed to compare; train on a larger corpus, or raise its "
                    "limits; nothing was written"
                )
            for what, difference, bar in (
                ("encoder outputs differ from PyTorch's", found.encoder.found, found.encoder.bar),
                (
                    "the decoder step's state differs from PyTorch's",
                    found.decoder_state.found,
                    found.decoder_state.bar,
                ),
                ("attention differs from PyTorch's", found.attention.found, found.attention.bar),
                (
                    "log-probabilities differ from PyTorch's",
                    found.log_probs.found,
                    found.log_probs.bar,
                ),
                ("attention rows miss a sum of 1", found.attention_sum, self.tolerance),
                (
                    "attention depends on what a sentence is batched with",
                    found.company_attention,
                    self.tolerance,
                ),
            ):
                if not difference <= bar:
                    raise ParityError(
                        f"parity on {provider}: {what}, by {difference:.1e} where {bar:.1e} is "
                        "allowed; nothing was written"
                    )
            for what, count in (
                (
                    "are translated otherwise than by PyTorch",
                    found.sentences - found.identical - found.ties,
                ),
                ("depend on what they are batched with", found.company_tokens),
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
                f"parity in int8: {self.int8.company_tokens} of {self.int8.sentences} sentences "
                f"depend on what they are batched with, and attention by "
                f"{self.int8.company_attention:.1e}; nothing was written"
            )

"""Responses of the service as frozen values, made by `jumok.client.responses`.

Names are those of `proto/jumok/v1/translation.proto`, which documents each.
Offsets count Unicode code points from 0, ends are exclusive, times are seconds, probabilities
natural logarithms.
"""

from dataclasses import dataclass
from enum import StrEnum


class FinishReason(StrEnum):
    """Why a translation ended."""

    UNSPECIFIED = "FINISH_REASON_UNSPECIFIED"
    END_OF_SENTENCE = "FINISH_REASON_END_OF_SENTENCE"
    LENGTH = "FINISH_REASON_LENGTH"


class ServingStatus(StrEnum):
    """Result of a health check, as in grpc.health.v1."""

    UNKNOWN = "UNKNOWN"
    SERVING = "SERVING"
    NOT_SERVING = "NOT_SERVING"
    SERVICE_UNKNOWN = "SERVICE_UNKNOWN"


@dataclass(frozen=True, slots=True)
class Span:
    """A range of a text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SourceToken:
    """One token of the source; `word` is an index into `Source.words`, None at the end."""

    id: int
    piece: str
    start: int
    end: int
    word: int | None


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the text that is translated independently, usually a sentence.

    `start` and `end` are its range in the text; its tokens are `token_count` of `Source.tokens`,
    from `first_token` on. `divided` tells that the sentence continues in the next segment, because
    it was too long for the model.
    """

    start: int
    end: int
    first_token: int
    token_count: int
    divided: bool


@dataclass(frozen=True, slots=True)
class CopiedSpan:
    """A range of the text that is copied, or a term of the glossary.

    `glossary_entry` is the index of the entry of a term, and None for copied text.
    """

    start: int
    end: int
    glossary_entry: int | None


@dataclass(frozen=True, slots=True)
class Source:
    """First event: the text as the model reads it; `segments` is empty for a single segment."""

    tokens: tuple[SourceToken, ...]
    words: tuple[Span, ...]
    segments: tuple[Segment, ...] = ()
    copied: tuple[CopiedSpan, ...] = ()


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another candidate for a token."""

    id: int
    piece: str
    log_prob: float


@dataclass(frozen=True, slots=True)
class Token:
    """One token of the translation.

    `attention`, float [source], has one weight for each token of its segment, and sums to 1; it is
    empty unless requested. `segment` is an index into `Source.segments`.
    `best_position` is the index of its largest weight, an index into `Source.tokens`.
    `alternatives` are sorted by probability, the most probable first.
    """

    id: int
    piece: str
    text: str
    log_prob: float
    attention: tuple[float, ...]
    best_position: int | None
    alternatives: tuple[Alternative, ...] = ()
    segment: int = 0


@dataclass(frozen=True, slots=True)
class Tokens:
    """The next tokens, between the first event and the last.

    `tokens` are final. `provisional`, if requested, would follow them if the search ended now; the
    next event replaces them. If both are empty, the earlier provisional tokens are withdrawn.
    """

    tokens: tuple[Token, ...]
    provisional: tuple[Token, ...] = ()

    @property
    def text(self) -> str:
        """The text that `tokens` add to the translation."""
        return "".join(token.text for token in self.tokens)

    @property
    def provisional_text(self) -> str:
        """The text of the provisional tokens."""
        return "".join(token.text for token in self.provisional)


@dataclass(frozen=True, slots=True)
class AlignmentLink:
    """A source word and a target word that correspond, with the share of attention."""

    source_word: int
    target_word: int
    weight: float


class WarningKind(StrEnum):
    """Why a translation may be wrong."""

    UNSPECIFIED = "WARNING_KIND_UNSPECIFIED"
    SCRIPT = "WARNING_KIND_SCRIPT"
    REPETITION = "WARNING_KIND_REPETITION"
    UNATTENDED = "WARNING_KIND_UNATTENDED"
    LENGTH = "WARNING_KIND_LENGTH"


@dataclass(frozen=True, slots=True)
class TranslationWarning:
    """A sign that the translation of a segment may be wrong.

    `segment` is an index into `Source.segments`; 0 for a text of one segment.
    """

    segment: int
    kind: WarningKind


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One whole translation.

    `tokens` of the first hypothesis are empty in a stream, which has sent them as events.
    `segment_confidence` has one entry for each segment, 0 to 1: the estimated probability that its
    translation is close to a human's. It is empty if the model was not calibrated.
    """

    text: str
    log_prob: float
    score: float
    words: tuple[Span, ...]
    alignment: tuple[AlignmentLink, ...]
    finish_reason: FinishReason
    tokens: tuple[Token, ...] = ()
    warnings: tuple[TranslationWarning, ...] = ()
    segment_confidence: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds on the server since the request arrived."""

    queued: float
    first_token: float
    total: float


@dataclass(frozen=True, slots=True)
class Result:
    """Last event: the translation as a whole; the best hypothesis is the first.

    `seed` reproduces a sampled translation.
    """

    finish_reason: FinishReason
    hypotheses: tuple[Hypothesis, ...]
    timings: Timings
    model: str
    model_fingerprint: str
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """A model that is served, its limits, and what it runs on.

    `alignment_rule` is the default rule of `align`, `precision` that of the graphs.
    """

    name: str
    fingerprint: str
    source_language: str
    target_language: str
    max_text_characters: int
    max_source_tokens: int
    max_target_tokens: int
    execution_provider: str
    runtime_version: str
    producer_version: str
    alignment_rule: str
    precision: str


Event = Source | Tokens | Result

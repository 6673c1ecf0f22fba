"""What the service says, as frozen values that `client.responses` makes.

Names are those of the wire, `proto/jumok/v1/translation.proto`, which describes each in full.
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
    """What a health check found, as in grpc.health.v1."""

    UNKNOWN = "UNKNOWN"
    SERVING = "SERVING"
    NOT_SERVING = "NOT_SERVING"
    SERVICE_UNKNOWN = "SERVICE_UNKNOWN"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text."""

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
class Source:
    """First event: the text as the model reads it."""

    tokens: tuple[SourceToken, ...]
    words: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """A token that could have been written instead."""

    id: int
    piece: str
    log_prob: float


@dataclass(frozen=True, slots=True)
class Token:
    """One token of the translation.

    `attention`, float [source], sums to 1, or is empty when it was not asked for.
    `best_position` is the index of its largest weight, an index into `Source.tokens`.
    `alternatives` are as many as were asked for, the most probable first.
    """

    id: int
    piece: str
    text: str
    log_prob: float
    attention: tuple[float, ...]
    best_position: int | None
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True)
class Tokens:
    """An event between the first and the last: the next tokens.

    `tokens` are decided for good; `provisional`, where it was asked for, would follow them if the
    search ended now, and is taken back by the next event. Either may be empty, and both are where
    nothing is left of what was provisional.
    """

    tokens: tuple[Token, ...]
    provisional: tuple[Token, ...] = ()

    @property
    def text(self) -> str:
        """What the decided ones add to the translation."""
        return "".join(token.text for token in self.tokens)

    @property
    def provisional_text(self) -> str:
        """What would follow."""
        return "".join(token.text for token in self.provisional)


@dataclass(frozen=True, slots=True)
class AlignmentLink:
    """A source word and a target word that correspond, and the share of attention that says so."""

    source_word: int
    target_word: int
    weight: float


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One whole translation.

    `tokens` of the first hypothesis of a stream are empty: they have come as events.
    """

    text: str
    log_prob: float
    score: float
    words: tuple[Span, ...]
    alignment: tuple[AlignmentLink, ...]
    finish_reason: FinishReason
    tokens: tuple[Token, ...] = ()


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds on the server since the request arrived."""

    queued: float
    first_token: float
    total: float


@dataclass(frozen=True, slots=True)
class Result:
    """Last event: the translation as a whole; the best hypothesis is the first.

    `seed`, with sampling, gives this translation again.
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

    `alignment_rule` is the one that `align` reads links by unless told, `precision` what its graphs
    compute in.
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

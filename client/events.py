"""What the service says, as frozen values; `client.wire` makes them from protobuf.

Names are those of the wire, `proto/jumok/v1/translation.proto`, which describes each in full.
Offsets count Unicode code points from 0, ends are exclusive, times are seconds, probabilities
natural logarithms.
"""

import dataclasses
import struct
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


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
class Token:
    """One token of the translation.

    `attention`, float [source], sums to 1, or is empty when it was not asked for.
    `best_position` is the index of its largest weight, an index into `Source.tokens`.
    """

    id: int
    piece: str
    text: str
    log_prob: float
    attention: tuple[float, ...]
    best_position: int | None


@dataclass(frozen=True, slots=True)
class Tokens:
    """An event between the first and the last: the next tokens, at least one."""

    tokens: tuple[Token, ...]

    @property
    def text(self) -> str:
        """What they add to the translation."""
        return "".join(token.text for token in self.tokens)


@dataclass(frozen=True, slots=True)
class AlignmentLink:
    """A source word and a target word that correspond, and the share of attention that says so."""

    source_word: int
    target_word: int
    weight: float


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One whole translation."""

    text: str
    log_prob: float
    score: float
    words: tuple[Span, ...]
    alignment: tuple[AlignmentLink, ...]


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds on the server since the request arrived."""

    queued: float
    first_token: float
    total: float


@dataclass(frozen=True, slots=True)
class Result:
    """Last event: the translation as a whole; the best hypothesis is the first."""

    finish_reason: FinishReason
    hypotheses: tuple[Hypothesis, ...]
    timings: Timings
    model: str
    model_fingerprint: str


@dataclass(frozen=True, slots=True)
class Model:
    """A model that is served, its limits, and what it runs on."""

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


Event = Source | Tokens | Result


def to_json(value: Event | Model) -> dict[str, Any]:
    """The value as dicts, lists and scalars that `json.dumps` takes, names as on the wire.

    An event is wrapped in its name: `{"source": …}`, `{"tokens": …}`, `{"result": …}`. What is
    unset is None. Numbers that are float32 on the wire get the shortest digits that say them:
    0.96, not 0.9599999785423279.
    """
    plain: dict[str, Any] = _plain(value)
    return plain if isinstance(value, Model) else {type(value).__name__.lower(): plain}


def _plain(value: Any) -> Any:
    match value:
        case Timings():
            return dataclasses.asdict(value)
        case tuple():
            return [_plain(item) for item in value]
        case float():
            return _shortest(value)
        case StrEnum():
            return value.value
        case _ if dataclasses.is_dataclass(value):
            fields = dataclasses.fields(value)
            return {field.name: _plain(getattr(value, field.name)) for field in fields}
        case _:
            return value


def _shortest(value: float) -> float:
    """The double with the fewest digits that is `value` as a float32."""
    for digits in range(6, 9):
        short = float(f"{value:.{digits}g}")
        if struct.pack("f", short) == struct.pack("f", value):
            return short
    return value

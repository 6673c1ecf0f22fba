"""Responses that are not messages of the wire as they are; `jumok.client` has the others."""

from dataclasses import dataclass, replace
from typing import Final

from jumok.client.errors import (
    Cancelled,
    ClientError,
    InvalidRequest,
    ModelNotFound,
    Overloaded,
    Timeout,
    Unauthenticated,
    Unavailable,
)
from jumok.client.events import Model, Result, Source, Token
from jumok.client.text_batch import Outcome
from jumok.client.translation import Translation
from jumok.gateway.problems import Problem

# the gRPC status codes that `Failure.code` has on the wire
_CODES: Final[dict[type[ClientError], int]] = {
    Cancelled: 1,
    InvalidRequest: 3,
    Timeout: 4,
    ModelNotFound: 5,
    Overloaded: 8,
    Unavailable: 14,
    Unauthenticated: 16,
}
_INTERNAL: Final = 13


@dataclass(frozen=True, slots=True)
class TranslateResponse:
    """The messages of a stream in one object.

    Attributes:
        source: the tokens of the text.
        tokens: the tokens of the first hypothesis, which are not repeated in `result`.
        result: the complete translation.
    """

    source: Source
    tokens: tuple[Token, ...]
    result: Result

    @classmethod
    def of(cls, translation: Translation) -> "TranslateResponse":
        """Convert a translation."""
        best, *others = translation.result.hypotheses
        hypotheses = (replace(best, tokens=()), *others)
        result = replace(translation.result, hypotheses=hypotheses)
        return cls(translation.source, translation.tokens, result)


@dataclass(frozen=True, slots=True)
class BatchTranslation:
    """A translation of a batch: the message `Translation` of the wire."""

    source: Source
    result: Result


@dataclass(frozen=True, slots=True)
class Failure:
    """The message `Failure` of the wire."""

    code: int
    message: str
    field: str


@dataclass(frozen=True, slots=True)
class BatchItem:
    """The message `BatchItem` of the wire: one of the two is null."""

    translation: BatchTranslation | None = None
    failure: Failure | None = None

    @classmethod
    def of(cls, outcome: Outcome) -> "BatchItem":
        """Convert an outcome."""
        if isinstance(outcome, Translation):
            return cls(translation=BatchTranslation(outcome.source, outcome.result))
        problem = Problem.of(outcome)
        code = _CODES.get(type(outcome), _INTERNAL)
        if isinstance(outcome, InvalidRequest):
            return cls(failure=Failure(code, outcome.description or str(outcome), outcome.field))
        return cls(failure=Failure(code, problem.detail, ""))


@dataclass(frozen=True, slots=True)
class TranslateBatchResponse:
    """The message of this name of the wire."""

    items: tuple[BatchItem, ...]


@dataclass(frozen=True, slots=True)
class ListModelsResponse:
    """The message of this name of the wire."""

    models: tuple[Model, ...]

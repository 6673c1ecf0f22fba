"""The boundary: protobuf on one side, `client.events` on the other.

No other file of this package reads or writes a message of jumok.v1.
"""

from typing import Literal

from google.protobuf.duration_pb2 import Duration
from grpc_health.v1 import health_pb2
from jumok.v1 import translation_pb2 as pb

from client.errors import InvalidRequest, ServerError
from client.events import (
    AlignmentLink,
    Event,
    FinishReason,
    Hypothesis,
    Model,
    Result,
    ServingStatus,
    Source,
    SourceToken,
    Span,
    Timings,
    Token,
    Tokens,
)

Attention = Literal["dense", "best", "none"]

_ATTENTION = {
    "dense": pb.ATTENTION_DENSE,
    "best": pb.ATTENTION_BEST,
    "none": pb.ATTENTION_NONE,
}
_UINT32_MAX = 2**32 - 1


def translate_request(
    text: str, *, model: str, max_tokens: int | None, attention: Attention
) -> pb.TranslateRequest:
    """The request, or InvalidRequest for what no message can carry."""
    _check_text("text", text)
    _check_text("model", model)
    if attention not in _ATTENTION:
        raise _invalid("attention", f"{attention!r} is not one of {', '.join(_ATTENTION)}")
    decoding = None
    if max_tokens is not None:
        if not 0 <= max_tokens <= _UINT32_MAX:
            raise _invalid("decoding.max_tokens", f"{max_tokens} is not in 1 to {_UINT32_MAX}")
        decoding = pb.DecodingOptions(max_tokens=max_tokens)
    return pb.TranslateRequest(
        text=text, model=model, decoding=decoding, attention=_ATTENTION[attention]
    )


def get_model_request(name: str) -> pb.GetModelRequest:
    """The request, or InvalidRequest for a name that no message can carry."""
    _check_text("model", name)
    return pb.GetModelRequest(model=name)


def event(response: pb.TranslateResponse) -> Event:
    """One event; raises ServerError for one that this version of the contract does not know."""
    match response.WhichOneof("event"):
        case "source":
            return _source(response.source)
        case "tokens":
            return Tokens(tuple(_token(token) for token in response.tokens.tokens))
        case "result":
            return _result(response.result)
        case _:
            raise ServerError(
                "the server sent an event that this client does not know: update the client"
            )


def model(response: pb.GetModelResponse) -> Model:
    """The model that a response describes."""
    sent = response.model
    return Model(
        name=sent.name,
        fingerprint=sent.fingerprint,
        source_language=sent.source_language,
        target_language=sent.target_language,
        max_text_characters=sent.max_text_characters,
        max_source_tokens=sent.max_source_tokens,
        max_target_tokens=sent.max_target_tokens,
        execution_provider=sent.execution_provider,
        runtime_version=sent.runtime_version,
        producer_version=sent.producer_version,
    )


def serving_status(response: health_pb2.HealthCheckResponse) -> ServingStatus:
    """What a health check found; a number that is not known is UNKNOWN."""
    statuses = health_pb2.HealthCheckResponse.ServingStatus
    if response.status not in statuses.values():
        return ServingStatus.UNKNOWN
    return ServingStatus(statuses.Name(response.status))


def _source(sent: pb.Source) -> Source:
    tokens = (
        SourceToken(
            id=token.id,
            piece=token.piece,
            start=token.start,
            end=token.end,
            word=token.word if token.HasField("word") else None,
        )
        for token in sent.tokens
    )
    return Source(tokens=tuple(tokens), words=tuple(_span(word) for word in sent.words))


def _token(sent: pb.Token) -> Token:
    return Token(
        id=sent.id,
        piece=sent.piece,
        text=sent.text,
        log_prob=sent.log_prob,
        attention=tuple(sent.attention),
        best_position=sent.best_position if sent.HasField("best_position") else None,
    )


def _result(sent: pb.Result) -> Result:
    known = sent.finish_reason in pb.FinishReason.values()
    reason = pb.FinishReason.Name(sent.finish_reason) if known else FinishReason.UNSPECIFIED
    return Result(
        finish_reason=FinishReason(reason),
        hypotheses=tuple(_hypothesis(hypothesis) for hypothesis in sent.hypotheses),
        timings=Timings(
            queued=_seconds(sent.timings.queued),
            first_token=_seconds(sent.timings.first_token),
            total=_seconds(sent.timings.total),
        ),
        model=sent.model,
        model_fingerprint=sent.model_fingerprint,
    )


def _hypothesis(sent: pb.Hypothesis) -> Hypothesis:
    links = (
        AlignmentLink(link.source_word, link.target_word, link.weight) for link in sent.alignment
    )
    return Hypothesis(
        text=sent.text,
        log_prob=sent.log_prob,
        score=sent.score,
        words=tuple(_span(word) for word in sent.words),
        alignment=tuple(links),
    )


def _span(sent: pb.Span) -> Span:
    return Span(start=sent.start, end=sent.end)


def _seconds(sent: Duration) -> float:
    return sent.seconds + sent.nanos / 1e9


def _check_text(field: str, text: str) -> None:
    """Raises InvalidRequest for text that UTF-8, and so protobuf, cannot hold."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        code = f"U+{ord(text[error.start]):04X}"
        raise _invalid(
            field,
            f"character {error.start + 1} is {code}, half of a surrogate pair, which is no "
            "character: was the text read with the wrong encoding?",
        ) from None


def _invalid(field: str, description: str) -> InvalidRequest:
    return InvalidRequest(f"{field}: {description}", field=field, description=description)

"""Responses from protobuf to plain values."""

import struct

from google.protobuf.duration_pb2 import Duration
from grpc_health.v1 import health_pb2

from jumok.client.aligned import Aligned
from jumok.client.errors import ServerError
from jumok.client.events import (
    AlignmentLink,
    Alternative,
    CopiedSpan,
    Event,
    FinishReason,
    Hypothesis,
    Model,
    Result,
    Segment,
    ServingStatus,
    Source,
    SourceToken,
    Span,
    Timings,
    Token,
    Tokens,
    TranslationWarning,
    WarningKind,
)
from jumok.client.explained import Explained, ExplainedPosition
from jumok.client.translation import Translation
from jumok.v1 import translation_pb2 as pb

_RULES = {
    pb.ALIGNMENT_RULE_WRITES: "writes",
    pb.ALIGNMENT_RULE_READS: "reads",
    pb.ALIGNMENT_RULE_POSTERIOR: "posterior",
}


def event(response: pb.TranslateResponse) -> Event:
    """Convert an event; raise ServerError for a kind that this client does not know."""
    match response.WhichOneof("event"):
        case "source":
            return _source(response.source)
        case "tokens":
            sent = response.tokens
            return Tokens(
                tuple(map(_token, sent.tokens)), provisional=tuple(map(_token, sent.provisional))
            )
        case "result":
            return _result(response.result)
        case _:
            raise ServerError(
                "the server sent an event that this client does not know: update the client"
            )


def translation(text: str, sent: pb.Translation) -> Translation:
    """Convert a translation of a batch; raise ServerError if it is incomplete."""
    result = _result(sent.result)
    tokens = Tokens(result.hypotheses[0].tokens if result.hypotheses else ())
    return Translation.from_events(text, (_source(sent.source), tokens, result))


def aligned(source: str, target: str, response: pb.AlignResponse) -> Aligned:
    """Convert an aligned pair."""
    return Aligned(
        source_text=source,
        text=target,
        source=_source(response.source),
        tokens=tuple(map(_token, response.tokens)),
        words=tuple(map(_span, response.words)),
        alignment=tuple(map(_link, response.alignment)),
        rule=_RULES.get(response.rule, ""),
        log_prob=response.log_prob,
        perplexity=response.perplexity,
        model=response.model,
        model_fingerprint=response.model_fingerprint,
    )


def explained(text: str, response: pb.ExplainResponse) -> Explained:
    """Convert an explained token; raise ServerError if the token is missing."""
    if response.token_index >= len(response.tokens):
        raise ServerError("the server sent an explanation without the token that it explains")
    return Explained(
        source_text=text,
        source=_source(response.source),
        tokens=tuple(map(_token, response.tokens)),
        token_index=response.token_index,
        query=tuple(response.query),
        positions=tuple(map(_position, response.positions)),
        context=tuple(response.context),
        decoder_output=tuple(response.decoder_output),
        attentional=tuple(response.attentional),
        lexical=tuple(response.lexical),
        candidates=tuple(map(_alternative, response.candidates)),
        score_function=response.score_function,
        wiring=response.wiring,
        model=response.model,
        model_fingerprint=response.model_fingerprint,
    )


def model(sent: pb.Model) -> Model:
    """Convert the description of a model."""
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
        alignment_rule=_RULES.get(sent.alignment_rule, ""),
        precision=sent.precision,
    )


def serving_status(response: health_pb2.HealthCheckResponse) -> ServingStatus:
    """Convert the result of a health check; unknown numbers become UNKNOWN."""
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
    segments = (
        Segment(each.start, each.end, each.first_token, each.token_count, each.divided)
        for each in sent.segments
    )
    copied = (
        CopiedSpan(
            each.start,
            each.end,
            each.glossary_entry if each.HasField("glossary_entry") else None,
        )
        for each in sent.copied
    )
    return Source(tuple(tokens), tuple(map(_span, sent.words)), tuple(segments), tuple(copied))


def _token(sent: pb.Token) -> Token:
    return Token(
        id=sent.id,
        piece=sent.piece,
        text=sent.text,
        log_prob=sent.log_prob,
        attention=_weights(sent.attention_bytes) or tuple(sent.attention),
        best_position=sent.best_position if sent.HasField("best_position") else None,
        alternatives=tuple(map(_alternative, sent.alternatives)),
        segment=sent.segment,
    )


def _weights(content: bytes) -> tuple[float, ...]:
    """Unpack attention: float32, little-endian."""
    count, rest = divmod(len(content), 4)
    if rest:
        raise ServerError(f"the server sent {len(content)} bytes of attention, no whole weights")
    return struct.unpack(f"<{count}f", content)


def _position(sent: pb.ExplainedPosition) -> ExplainedPosition:
    return ExplainedPosition(
        key=tuple(sent.key),
        value=tuple(sent.value),
        score=sent.score,
        attention=sent.attention,
    )


def _alternative(sent: pb.Alternative) -> Alternative:
    return Alternative(id=sent.id, piece=sent.piece, log_prob=sent.log_prob)


def _result(sent: pb.Result) -> Result:
    return Result(
        finish_reason=_finish_reason(sent.finish_reason),
        hypotheses=tuple(map(_hypothesis, sent.hypotheses)),
        timings=Timings(
            queued=_seconds(sent.timings.queued),
            first_token=_seconds(sent.timings.first_token),
            total=_seconds(sent.timings.total),
        ),
        model=sent.model,
        model_fingerprint=sent.model_fingerprint,
        seed=sent.seed if sent.HasField("seed") else None,
    )


def _hypothesis(sent: pb.Hypothesis) -> Hypothesis:
    return Hypothesis(
        text=sent.text,
        log_prob=sent.log_prob,
        score=sent.score,
        words=tuple(map(_span, sent.words)),
        alignment=tuple(map(_link, sent.alignment)),
        finish_reason=_finish_reason(sent.finish_reason),
        tokens=tuple(map(_token, sent.tokens)),
        warnings=tuple(map(_warning, sent.warnings)),
        segment_confidence=tuple(sent.segment_confidence),
    )


def _warning(sent: pb.Warning) -> TranslationWarning:
    """Convert a warning; unknown kinds become UNSPECIFIED."""
    known = sent.kind in pb.WarningKind.values()
    kind = WarningKind(pb.WarningKind.Name(sent.kind)) if known else WarningKind.UNSPECIFIED
    return TranslationWarning(sent.segment, kind)


def _finish_reason(number: "pb.FinishReason.ValueType") -> FinishReason:
    """Convert a reason; unknown numbers become UNSPECIFIED."""
    known = number in pb.FinishReason.values()
    return FinishReason(pb.FinishReason.Name(number) if known else FinishReason.UNSPECIFIED)


def _link(sent: pb.AlignmentLink) -> AlignmentLink:
    return AlignmentLink(sent.source_word, sent.target_word, sent.weight)


def _span(sent: pb.Span) -> Span:
    return Span(start=sent.start, end=sent.end)


def _seconds(sent: Duration) -> float:
    return sent.seconds + sent.nanos / 1e9

"""The servicer: protobuf to plain data and back."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from google.protobuf.duration_pb2 import Duration
from jumok.v1 import translation_pb2 as pb
from jumok.v1 import translation_pb2_grpc

from service.errors import InvalidRequestError, ServiceError
from service.events import (
    FinishReason,
    SourceRead,
    Token,
    TokensDecided,
    Translated,
    TranslationEvent,
)
from service.statuses import abort
from service.translator import TranslationRequest, Translator

_REASONS = {
    FinishReason.END_OF_SENTENCE: pb.FINISH_REASON_END_OF_SENTENCE,
    FinishReason.LENGTH: pb.FINISH_REASON_LENGTH,
}


class TranslationServicer(translation_pb2_grpc.TranslationServiceServicer):
    """`jumok.v1.TranslationService`."""

    def __init__(self, translator: Translator) -> None:
        self._translator = translator

    async def Translate(  # noqa: N802
        self, request: pb.TranslateRequest, context: Any
    ) -> AsyncIterator[pb.TranslateResponse]:
        """Translate one text and stream what is decided."""
        try:
            responses = _Responses(self._translator, request)
            # closing the events, when the call is cancelled, is what frees the engine's row
            async with aclosing(self._translator.translate(_request(request))) as events:
                async for event in events:
                    yield responses.make(event)
        except ServiceError as error:
            await abort(context, error)

    async def GetModel(  # noqa: N802
        self, request: pb.GetModelRequest, context: Any
    ) -> pb.GetModelResponse:
        """Describe a model."""
        try:
            model = self._translator.describe(request.model)
        except ServiceError as error:
            await abort(context, error)
        return pb.GetModelResponse(
            model=pb.Model(
                name=model.name,
                fingerprint=model.fingerprint,
                source_language=model.source_language,
                target_language=model.target_language,
                max_text_characters=model.max_text_characters,
                max_source_tokens=model.max_source_tokens,
                max_target_tokens=model.max_target_tokens,
                execution_provider=model.execution_provider,
                runtime_version=model.runtime_version,
                producer_version=model.producer_version,
            )
        )


class _Responses:
    """Makes the responses of one call, with as much attention as it asks for."""

    def __init__(self, translator: Translator, request: pb.TranslateRequest) -> None:
        if request.attention not in pb.Attention.values():
            raise InvalidRequestError(
                "attention", f"attention is {request.attention}, which names no Attention"
            )
        self._model = translator.model
        self._best = request.attention != pb.ATTENTION_NONE
        self._dense = request.attention in (pb.ATTENTION_UNSPECIFIED, pb.ATTENTION_DENSE)

    def make(self, event: TranslationEvent) -> pb.TranslateResponse:
        match event:
            case SourceRead():
                return pb.TranslateResponse(source=self._source(event))
            case TokensDecided(tokens):
                sent = pb.Tokens(tokens=[self._token(token) for token in tokens])
                return pb.TranslateResponse(tokens=sent)
            case Translated():
                return pb.TranslateResponse(result=self._result(event))

    def _source(self, event: SourceRead) -> pb.Source:
        encoding = event.encoding
        tokens = [
            pb.SourceToken(id=token_id, piece=piece, start=span.start, end=span.end, word=word)
            for token_id, piece, span, word in zip(
                encoding.ids, encoding.pieces, encoding.spans, encoding.word_indices, strict=True
            )
        ]
        end = pb.SourceToken(
            id=event.end_id, piece=event.end_piece, start=event.length, end=event.length
        )
        words = [pb.Span(start=word.start, end=word.end) for word in encoding.words]
        return pb.Source(tokens=[*tokens, end], words=words)

    def _token(self, token: Token) -> pb.Token:
        message = pb.Token(
            id=token.token_id, piece=token.piece, text=token.text, log_prob=token.log_prob
        )
        if self._best:
            message.best_position = int(token.attention.argmax())
        if self._dense:
            message.attention.extend(token.attention.tolist())
        return message

    def _result(self, event: Translated) -> pb.Result:
        hypothesis = pb.Hypothesis(
            text=event.text,
            log_prob=event.log_prob,
            score=event.score,
            words=[pb.Span(start=word.start, end=word.end) for word in event.words],
        )
        if self._best:
            hypothesis.alignment.extend(
                pb.AlignmentLink(
                    source_word=link.source_word,
                    target_word=link.target_word,
                    weight=link.weight,
                )
                for link in event.alignment
            )
        return pb.Result(
            finish_reason=_REASONS[event.reason],
            hypotheses=[hypothesis],
            timings=pb.Timings(
                queued=_duration(event.timings.queued),
                first_token=_duration(event.timings.first_token),
                total=_duration(event.timings.total),
            ),
            model=self._model.name,
            model_fingerprint=self._model.fingerprint,
        )


def _request(request: pb.TranslateRequest) -> TranslationRequest:
    options = request.decoding
    return TranslationRequest(
        text=request.text,
        model=request.model,
        max_tokens=options.max_tokens if options.HasField("max_tokens") else None,
    )


def _duration(seconds: float) -> Duration:
    duration = Duration()
    duration.FromNanoseconds(round(seconds * 1e9))
    return duration

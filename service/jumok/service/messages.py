"""Responses: plain data to protobuf, with as much attention as a request asks for."""

import math
from collections.abc import Iterable

from google.protobuf.duration_pb2 import Duration

from jumok.bundle.alignment import AlignmentLink, AlignmentRule
from jumok.bundle.words import Span
from jumok.service.errors import InvalidRequestError
from jumok.service.events import (
    Aligned,
    FinishReason,
    SourceRead,
    Token,
    TokensDecided,
    Translated,
    TranslationEvent,
    WholeText,
)
from jumok.service.model_description import ModelDescription
from jumok.v1 import translation_pb2 as pb

_REASONS = {
    FinishReason.END_OF_SENTENCE: pb.FINISH_REASON_END_OF_SENTENCE,
    FinishReason.LENGTH: pb.FINISH_REASON_LENGTH,
}
_RULES: "dict[AlignmentRule, pb.AlignmentRule.ValueType]" = {
    "writes": pb.ALIGNMENT_RULE_WRITES,
    "reads": pb.ALIGNMENT_RULE_READS,
    "posterior": pb.ALIGNMENT_RULE_POSTERIOR,
}


class Messages:
    """Makes the messages of one call."""

    def __init__(self, model: ModelDescription, attention: int) -> None:
        """Tell of `model`, with as much attention as the enum `Attention` says.

        Raises:
            InvalidRequestError: it says nothing.
        """
        if attention not in pb.Attention.values():
            raise InvalidRequestError(
                "attention", f"attention is {attention}, which names no Attention"
            )
        self._model = model
        self._best = attention != pb.ATTENTION_NONE
        self._dense = attention in (pb.ATTENTION_UNSPECIFIED, pb.ATTENTION_DENSE)
        self._bytes = attention == pb.ATTENTION_DENSE_BYTES

    def response(self, event: TranslationEvent) -> pb.TranslateResponse:
        """Tell of an event of a stream."""
        match event:
            case SourceRead():
                return pb.TranslateResponse(source=self._source(event))
            case TokensDecided(tokens, provisional):
                sent = pb.Tokens(
                    tokens=map(self._token, tokens), provisional=map(self._token, provisional)
                )
                return pb.TranslateResponse(tokens=sent)
            case Translated():
                return pb.TranslateResponse(result=self._result(event, first_too=False))

    def translation(self, source: SourceRead, translated: Translated) -> pb.Translation:
        """Tell of a translation that comes at once."""
        return pb.Translation(
            source=self._source(source), result=self._result(translated, first_too=True)
        )

    def aligned(self, event: Aligned) -> pb.AlignResponse:
        """Tell how a translation that was given fits."""
        return pb.AlignResponse(
            source=self._source(event.source),
            tokens=map(self._token, event.tokens),
            words=_spans(event.words),
            alignment=_links(event.alignment),
            rule=_RULES[event.rule],
            log_prob=event.log_prob,
            perplexity=math.exp(-event.log_prob / len(event.tokens)),
            model=self._model.name,
            model_fingerprint=self._model.fingerprint,
        )

    def model(self) -> pb.Model:
        """Describe the model."""
        model = self._model
        return pb.Model(
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
            alignment_rule=_RULES[model.alignment_rule],
            precision=model.precision,
        )

    def _source(self, event: SourceRead) -> pb.Source:
        encoding = event.encoding
        tokens = [
            pb.SourceToken(id=token_id, piece=piece, start=span.start, end=span.end, word=word)
            for token_id, piece, span, word in zip(
                encoding.ids, encoding.pieces, encoding.spans, encoding.word_indices, strict=True
            )
        ]
        length = len(event.text)
        end = pb.SourceToken(id=event.end_id, piece=event.end_piece, start=length, end=length)
        return pb.Source(tokens=[*tokens, end], words=_spans(encoding.words))

    def _token(self, token: Token) -> pb.Token:
        message = pb.Token(
            id=token.token_id, piece=token.piece, text=token.text, log_prob=token.log_prob
        )
        if self._best:
            weights = token.attention.tolist()
            message.best_position = weights.index(max(weights))
            if self._dense:
                message.attention.extend(weights)
            elif self._bytes:
                message.attention_bytes = token.attention.astype("<f4", copy=False).tobytes()
        if token.alternatives:
            message.alternatives.extend(
                pb.Alternative(id=other.token_id, piece=other.piece, log_prob=other.log_prob)
                for other in token.alternatives
            )
        return message

    def _result(self, event: Translated, first_too: bool) -> pb.Result:
        """Sum up; the tokens of the first hypothesis are left out where they were streamed."""
        return pb.Result(
            finish_reason=_REASONS[event.hypotheses[0].reason],
            hypotheses=[
                self._hypothesis(hypothesis, with_tokens=first_too or place > 0)
                for place, hypothesis in enumerate(event.hypotheses)
            ],
            timings=pb.Timings(
                queued=_duration(event.timings.queued),
                first_token=_duration(event.timings.first_token),
                total=_duration(event.timings.total),
            ),
            model=self._model.name,
            model_fingerprint=self._model.fingerprint,
            seed=event.seed,
        )

    def _hypothesis(self, whole: WholeText, with_tokens: bool) -> pb.Hypothesis:
        return pb.Hypothesis(
            text=whole.text,
            log_prob=whole.log_prob,
            score=whole.score,
            words=_spans(whole.words),
            alignment=_links(whole.alignment) if self._best else (),
            finish_reason=_REASONS[whole.reason],
            tokens=map(self._token, whole.tokens) if with_tokens else (),
        )


def _spans(spans: Iterable[Span]) -> Iterable[pb.Span]:
    return [pb.Span(start=span.start, end=span.end) for span in spans]


def _links(links: Iterable[AlignmentLink]) -> Iterable[pb.AlignmentLink]:
    return [
        pb.AlignmentLink(
            source_word=link.source_word, target_word=link.target_word, weight=link.weight
        )
        for link in links
    ]


def _duration(seconds: float) -> Duration:
    duration = Duration()
    duration.FromNanoseconds(round(seconds * 1e9))
    return duration

"""Responses: translations and models as protobuf messages."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from google.protobuf.duration_pb2 import Duration

from jumok.bundle.alignment import AlignmentRule, WordLink
from jumok.bundle.words import TextSpan
from jumok.decoding.hypothesis import TokenSequence
from jumok.service.errors import InvalidRequestError
from jumok.service.explanation import ExplainedToken
from jumok.service.model import ModelDescription, ServedModel
from jumok.service.pace import Pace
from jumok.service.segmented_text import SegmentedText
from jumok.service.serialized import Serialized
from jumok.service.translator import (
    AlignedPair,
    TokensWritten,
    TranslationResult,
)
from jumok.service.writer import SegmentStart, SourceText, WrittenText
from jumok.text.signs import Sign
from jumok.v1 import translation_pb2 as pb

_TOKENS_AT_ONCE: Final = 32
_WORDS_AT_ONCE: Final = 256
_POSITIONS_AT_ONCE: Final = 8
_ONE_SEGMENT: Final = (SegmentStart(0, 0),)
_RULES: "dict[AlignmentRule, pb.AlignmentRule.ValueType]" = {
    "writes": pb.ALIGNMENT_RULE_WRITES,
    "reads": pb.ALIGNMENT_RULE_READS,
    "posterior": pb.ALIGNMENT_RULE_POSTERIOR,
}
_WARNINGS: "dict[Sign, pb.WarningKind.ValueType]" = {
    "script": pb.WARNING_KIND_SCRIPT,
    "repetition": pb.WARNING_KIND_REPETITION,
    "unattended": pb.WARNING_KIND_UNATTENDED,
    "length": pb.WARNING_KIND_LENGTH,
}


class Responses:
    """Builds the response messages of one call, with the requested form of attention.

    What can be large is serialized piece by piece, and other calls have their turn in between.
    """

    def __init__(
        self, model: ServedModel, attention: int, pace: Pace, unspecified: int = pb.ATTENTION_DENSE
    ) -> None:
        """Prepare responses of `model`.

        Args:
            model: the model.
            attention: a value of the enum `Attention`.
            pace: waits between pieces.
            unspecified: what ATTENTION_UNSPECIFIED means.

        Raises:
            InvalidRequestError: the value is not in the enum.
        """
        if attention not in pb.Attention.values():
            raise InvalidRequestError(
                "attention", f"attention is {attention}, which is not an Attention"
            )
        attention = attention or unspecified
        self._model, self._piece = model.description, model.target_tokenizer.piece
        self._calibration = model.calibration
        self._turn = pace.turn
        self._best = attention != pb.ATTENTION_NONE
        self._dense = attention == pb.ATTENTION_DENSE
        self._bytes = attention == pb.ATTENTION_DENSE_BYTES
        self.dense = self._dense or self._bytes

    async def start(self, source: SegmentedText) -> pb.TranslateResponse | Serialized:
        """Build the first message of a stream."""
        if len(source.segments) == 1:
            return pb.TranslateResponse(source=_source(source.segments[0]))
        content = await self._segments(source)
        return Serialized(_field(pb.TranslateResponse.SOURCE_FIELD_NUMBER, content))

    def tokens(self, event: TokensWritten) -> pb.TranslateResponse:
        """Build a message with tokens."""
        response = pb.TranslateResponse()
        # set even if both lists are empty, which withdraws the provisional tokens
        response.tokens.SetInParent()
        place = event.segment, event.source_start
        decided = response.tokens.tokens
        self._add(decided, event.tokens, event.texts, event.start, event.stop, *place)
        if event.provisional is not None:
            texts = event.provisional_texts
            provisional = response.tokens.provisional
            self._add(provisional, event.provisional, texts, 0, len(texts), *place)
        return response

    async def end(self, result: TranslationResult) -> pb.TranslateResponse | Serialized:
        """Build the last message of a stream, which leaves out the tokens already sent."""
        if len(result.hypotheses) == 1 and len(result.hypotheses[0].words) <= _WORDS_AT_ONCE:
            response = pb.TranslateResponse(result=self._head(result))
            self._fill(response.result.hypotheses.add(), result.hypotheses[0])
            return response
        content = await self._result(result, first_too=False)
        return Serialized(_field(pb.TranslateResponse.RESULT_FIELD_NUMBER, content))

    async def item(self, source: SegmentedText, result: TranslationResult) -> bytes:
        """Build and serialize the translation of one text of a batch."""
        await self._turn()
        content = _field(pb.Translation.SOURCE_FIELD_NUMBER, await self._segments(source))
        content += _field(
            pb.Translation.RESULT_FIELD_NUMBER, await self._result(result, first_too=True)
        )
        return _field(pb.BatchItem.TRANSLATION_FIELD_NUMBER, content)

    async def aligned(self, pair: AlignedPair) -> Serialized:
        """Build the response with a scored and aligned pair."""
        await self._turn()
        head = pb.AlignResponse(
            source=_source(pair.source),
            words=_spans(pair.words),
            alignment=_links(pair.alignment),
            rule=_RULES[pair.rule],
            log_prob=pair.log_prob,
            perplexity=math.exp(-pair.log_prob / len(pair.tokens)),
            model=self._model.name,
            model_fingerprint=self._model.fingerprint,
        )
        tokens = await self._tokens(pb.AlignResponse, pair.tokens, pair.texts, _ONE_SEGMENT)
        return Serialized(head.SerializeToString() + tokens)

    async def explained(self, token: ExplainedToken) -> Serialized:
        """Build the response that explains a token."""
        await self._turn()
        stages = token.stages
        head = pb.ExplainResponse(
            source=_source(token.source),
            token_index=token.index,
            query=stages["query"].tolist(),
            context=stages["context"].tolist(),
            decoder_output=stages["decoder_output"].tolist(),
            attentional=stages["attentional"].tolist(),
            lexical=stages["lexical"].tolist() if "lexical" in stages else (),
            candidates=[
                pb.Alternative(id=each, piece=self._piece(each), log_prob=log_prob)
                for each, log_prob in token.candidates
            ],
            score_function=token.equations.score_function,
            wiring=token.equations.wiring,
            model=self._model.name,
            model_fingerprint=self._model.fingerprint,
        )
        parts = [head.SerializeToString()]
        parts.append(
            await self._tokens(pb.ExplainResponse, token.tokens, token.texts, _ONE_SEGMENT)
        )
        for place, (key, value) in enumerate(zip(token.keys, token.values, strict=True)):
            if place % _POSITIONS_AT_ONCE == 0:
                await self._turn()
            position = pb.ExplainedPosition(
                key=key.tolist(),
                value=value.tolist(),
                score=float(stages["scores"][place]),
                attention=float(token.attention[place]),
            )
            parts.append(pb.ExplainResponse(positions=[position]).SerializeToString())
        return Serialized(b"".join(parts))

    def _add(
        self,
        messages: Any,
        tokens: TokenSequence,
        texts: Sequence[str],
        start: int,
        stop: int,
        segment: int,
        source_start: int,
    ) -> None:
        """Append tokens `start` to `stop` of one segment to a repeated field of `Token`."""
        for place in range(start, stop):
            token_id = tokens.token_ids[place]
            message = messages.add(
                id=token_id,
                piece=self._piece(token_id),
                text=texts[place],
                log_prob=tokens.log_probs[place],
                segment=segment,
            )
            if self._best:
                row = tokens.attention[place]
                message.best_position = source_start + int(row.argmax())
                if self._dense:
                    message.attention.extend(row.tolist())
                elif self._bytes:
                    message.attention_bytes = row.astype("<f4", copy=False).tobytes()
            for other, log_prob in tokens.alternatives[place]:
                message.alternatives.add(id=other, piece=self._piece(other), log_prob=log_prob)

    async def _tokens(
        self,
        kind: Any,
        tokens: TokenSequence,
        texts: Sequence[str],
        segments: Sequence[SegmentStart],
    ) -> bytes:
        """Build and serialize the field `tokens` of a message of type `kind`."""
        parts = []
        ends = [*(segment.target for segment in segments[1:]), len(texts)]
        for segment, (first, end) in enumerate(zip(segments, ends, strict=True)):
            for start in range(first.target, end, _TOKENS_AT_ONCE):
                await self._turn()
                part, stop = kind(), min(start + _TOKENS_AT_ONCE, end)
                self._add(part.tokens, tokens, texts, start, stop, segment, first.source)
                parts.append(part.SerializeToString())
        return b"".join(parts)

    async def _result(self, result: TranslationResult, first_too: bool) -> bytes:
        """Build and serialize the result; `first_too` includes the tokens of the first."""
        parts = [self._head(result).SerializeToString()]
        for place, whole in enumerate(result.hypotheses):
            await self._turn()
            content = await self._hypothesis(whole)
            if first_too or place > 0:
                content += await self._tokens(
                    pb.Hypothesis, whole.tokens, whole.texts, whole.segments
                )
            parts.append(_field(pb.Result.HYPOTHESES_FIELD_NUMBER, content))
        return b"".join(parts)

    async def _segments(self, source: SegmentedText) -> bytes:
        """Build and serialize the source, one segment after the other."""
        parts, first_token, first_word = [], 0, 0
        several = len(source.segments) > 1
        for segment in source.segments:
            await self._turn()
            part = _source(segment, first_token, first_word, several)
            first_token += len(part.tokens)
            first_word += len(part.words)
            parts.append(part.SerializeToString())
        return b"".join(parts)  # the fields are repeated, so their parts can be joined

    async def _hypothesis(self, whole: WrittenText) -> bytes:
        """Build and serialize a hypothesis without its tokens."""
        if len(whole.words) <= _WORDS_AT_ONCE:
            hypothesis = pb.Hypothesis()
            self._fill(hypothesis, whole)
            return hypothesis.SerializeToString()
        head = pb.Hypothesis()
        self._fill(head, replace(whole, words=(), alignment=()))
        parts = [head.SerializeToString()]
        for start in range(0, len(whole.words), _WORDS_AT_ONCE):
            await self._turn()
            words = _spans(whole.words[start : start + _WORDS_AT_ONCE])
            parts.append(pb.Hypothesis(words=words).SerializeToString())
        links = whole.alignment if self._best else ()
        for start in range(0, len(links), _WORDS_AT_ONCE):
            await self._turn()
            alignment = _links(links[start : start + _WORDS_AT_ONCE])
            parts.append(pb.Hypothesis(alignment=alignment).SerializeToString())
        return b"".join(parts)

    def _head(self, result: TranslationResult) -> pb.Result:
        """Build the result without its hypotheses."""
        return pb.Result(
            finish_reason=_finish_reason(result.hypotheses[0]),
            timings=pb.Timings(
                queued=_duration(result.timings.queued),
                first_token=_duration(result.timings.first_token),
                total=_duration(result.timings.total),
            ),
            model=self._model.name,
            model_fingerprint=self._model.fingerprint,
            seed=result.seed,
        )

    def _fill(self, message: pb.Hypothesis, whole: WrittenText) -> None:
        """Set all fields of a hypothesis but its tokens."""
        message.text, message.log_prob, message.score = whole.text, whole.log_prob, whole.score
        message.words.extend(_spans(whole.words))
        if self._best:
            message.alignment.extend(_links(whole.alignment))
        message.finish_reason = _finish_reason(whole)
        for segment, sign in whole.signs:
            message.warnings.add(segment=segment, kind=_WARNINGS[sign])
        if self._calibration is not None:
            confidences = map(self._calibration.confidence, whole.mean_log_probs)
            message.segment_confidence.extend(confidences)


def batch_response(items: Iterable[bytes]) -> Serialized:
    """Join the serialized outcomes of the texts of a batch."""
    number = pb.TranslateBatchResponse.ITEMS_FIELD_NUMBER
    return Serialized(b"".join([_field(number, item) for item in items]))


def _field(number: int, content: bytes) -> bytes:
    """Serialize a field that holds a message, from the serialized message."""
    encoded = bytearray([number << 3 | 2])  # the key of a length-delimited field below 16
    length = len(content)
    while length > 0x7F:
        encoded.append(length & 0x7F | 0x80)
        length >>= 7
    encoded.append(length)
    return bytes(encoded) + content


def _finish_reason(whole: WrittenText) -> pb.FinishReason.ValueType:
    return pb.FINISH_REASON_END_OF_SENTENCE if whole.ended else pb.FINISH_REASON_LENGTH


def model_message(model: ModelDescription) -> pb.Model:
    """Build the message that describes a model."""
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


def _source(
    source: SourceText, first_token: int = 0, first_word: int = 0, several: bool = False
) -> pb.Source:
    """Build the part of the source that one segment makes up; `several` tells of others."""
    encoding, offset = source.encoding, source.start
    message = pb.Source(
        words=_spans(TextSpan(offset + span.start, offset + span.end) for span in encoding.words)
    )
    add = message.tokens.add
    for token_id, piece, span, word in zip(
        encoding.ids, encoding.pieces, encoding.spans, encoding.word_indices, strict=True
    ):
        start, end = offset + span.start, offset + span.end
        add(id=token_id, piece=piece, start=start, end=end, word=first_word + word)
    end = offset + len(source.text)
    add(id=source.end_id, piece=source.end_piece, start=end, end=end)
    if several:
        message.segments.add(
            start=offset,
            end=end,
            first_token=first_token,
            token_count=len(message.tokens),
            divided=source.divided,
        )
    if (read := source.read) is not None:
        for copied in sorted((*read.copied, *read.terms), key=lambda each: each.span):
            start, end = copied.span
            message.copied.add(start=start, end=end, glossary_entry=copied.entry)
    return message


def _spans(spans: Iterable[TextSpan]) -> Iterable[pb.Span]:
    return [pb.Span(start=span.start, end=span.end) for span in spans]


def _links(links: Iterable[WordLink]) -> Iterable[pb.AlignmentLink]:
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

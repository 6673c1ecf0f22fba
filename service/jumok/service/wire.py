"""Conversion between protobuf messages and plain values."""

import math
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from google.protobuf.duration_pb2 import Duration

from jumok.bundle.alignment import AlignmentRule, WordLink
from jumok.bundle.words import TextSpan
from jumok.decoding.hypothesis import TokenSequence
from jumok.decoding.options import (
    MOST_ALTERNATIVES,
    MOST_SAMPLED,
    WIDEST_BEAM,
    Decoding,
    SamplingParameters,
)
from jumok.service.checked_text import TextOptions
from jumok.service.errors import InvalidRequestError
from jumok.service.model import ModelDescription, ServedModel
from jumok.service.pace import Pace
from jumok.service.segmented import SegmentedText
from jumok.service.serialized import Serialized
from jumok.service.translator import (
    AlignedPair,
    TokensWritten,
    TranslationOptions,
    TranslationResult,
    encode_text,
)
from jumok.service.writer import SegmentStart, SourceText, WrittenText
from jumok.text.copied_text import NotTranslated
from jumok.text.glossary import Glossary, GlossaryEntry
from jumok.text.html import parse_html
from jumok.text.markdown import parse_markdown
from jumok.text.marked_text import plain_text
from jumok.text.signs import Sign
from jumok.text.xml import parse_xml
from jumok.v1 import translation_pb2 as pb

_MOST_PENALTY: Final = 10.0
_TEMPERATURES: Final = (0.01, 100.0)
_TOKENS_AT_ONCE: Final = 32
_WORDS_AT_ONCE: Final = 256
_ONE_SEGMENT: Final = (SegmentStart(0, 0),)
_MOST_SPANS: Final = 200
_MOST_ENTRIES: Final = 200
_LONGEST_TERM: Final = 200
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_PARSERS: Final = {
    int(pb.TEXT_FORMAT_HTML): parse_html,
    int(pb.TEXT_FORMAT_XML): parse_xml,
    int(pb.TEXT_FORMAT_MARKDOWN): parse_markdown,
}
_SEED_BITS: Final = 53  # the integers that a JavaScript number represents exactly
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
_RULE_NAMES: "dict[int, AlignmentRule]" = {number: rule for rule, number in _RULES.items()}


def translation_options(options: pb.DecodingOptions, model: ServedModel) -> TranslationOptions:
    """Check decoding options against the limits of a model, and fill in the defaults.

    Raises:
        InvalidRequestError: an option is out of its range.
    """
    longest = model.limits.max_target_tokens
    max_tokens = options.max_tokens if options.HasField("max_tokens") else longest
    _check("decoding.max_tokens", max_tokens, 1, longest)
    _check("decoding.min_tokens", options.min_tokens, 0, max_tokens)
    _check("decoding.alternatives", options.alternatives, 0, MOST_ALTERNATIVES)
    prefix: tuple[int, ...] = ()
    if options.target_prefix:
        prefix = encode_text(
            model.target_tokenizer,
            "decoding.target_prefix",
            options.target_prefix,
            max_tokens,
            model.description.max_text_characters,
        ).ids
    search = options.WhichOneof("search")
    beam: dict[str, Any] = {}
    if search == "beam_search":
        beam = _beam(options.beam_search, model.target_tokenizer.vocabulary_size)
    return TranslationOptions(
        Decoding(
            max_tokens,
            options.min_tokens,
            prefix,
            sampling=_sampling(options.sampling) if search == "sampling" else None,
            alternatives=options.alternatives,
            **beam,
        ),
        options.beam_search.provisional,
        options.replace_unknown,
    )


def with_new_seed(options: TranslationOptions, requested: pb.DecodingOptions) -> TranslationOptions:
    """Return the options for a further text of a batch: with another seed, unless one is given."""
    sampling = options.decoding.sampling
    if sampling is None or requested.sampling.HasField("seed"):
        return options
    sampling = replace(sampling, seed=random.getrandbits(_SEED_BITS))
    return replace(options, decoding=replace(options.decoding, sampling=sampling))


def alignment_rule(request: pb.AlignRequest, model: ServedModel) -> AlignmentRule:
    """Return the alignment rule of a request, by default the model's own.

    Raises:
        InvalidRequestError: the value is not in the enum.
    """
    if request.rule == pb.ALIGNMENT_RULE_UNSPECIFIED:
        return model.description.alignment_rule
    if request.rule not in _RULE_NAMES:
        raise InvalidRequestError("rule", f"rule is {request.rule}, which is not an AlignmentRule")
    return _RULE_NAMES[request.rule]


def text_options(
    request: pb.TranslateRequest | pb.TranslateBatchRequest,
) -> TextOptions:
    """Check what a request says about its texts.

    Raises:
        InvalidRequestError: a value is not in its enum, or the glossary or the protected spans are
            invalid.
    """
    if request.segmentation not in pb.Segmentation.values():
        raise InvalidRequestError(
            "segmentation",
            f"segmentation is {request.segmentation}, which is not a Segmentation",
        )
    if request.text_format not in pb.TextFormat.values():
        raise InvalidRequestError(
            "text_format", f"text_format is {request.text_format}, which is not a TextFormat"
        )
    spans = _protected_spans(request) if isinstance(request, pb.TranslateRequest) else ()
    return TextOptions(
        divides=request.segmentation != pb.SEGMENTATION_NONE,
        parse=_PARSERS.get(request.text_format, plain_text),
        not_translated=NotTranslated(spans, _glossary(request.glossary)),
    )


def _protected_spans(request: pb.TranslateRequest) -> list[TextSpan]:
    count, length = len(request.protected_spans), len(request.text)
    if count > _MOST_SPANS:
        raise InvalidRequestError(
            "protected_spans", f"there are {count} spans, but only {_MOST_SPANS} are allowed"
        )
    spans = [TextSpan(span.start, span.end) for span in request.protected_spans]
    for place, (start, end) in enumerate(spans):
        if not start < end <= length:
            raise InvalidRequestError(
                f"protected_spans[{place}]",
                f"the span is {start} to {end}; it must have a character, and end in the text, "
                f"which has {length}",
            )
    return spans


def _glossary(messages: Sequence[pb.GlossaryEntry]) -> Glossary:
    if len(messages) > _MOST_ENTRIES:
        raise InvalidRequestError(
            "glossary", f"there are {len(messages)} entries, but only {_MOST_ENTRIES} are allowed"
        )
    for place, message in enumerate(messages):
        for side in ("source", "target"):
            term = getattr(message, side)
            if not (term.strip() and len(term) <= _LONGEST_TERM):
                raise InvalidRequestError(
                    f"glossary[{place}].{side}",
                    f"the term has {len(term)} characters; it must have 1 to {_LONGEST_TERM}, one "
                    "of them visible",
                )
            if _CONTROL.search(term):
                raise InvalidRequestError(
                    f"glossary[{place}].{side}", "the term has a line break or control character"
                )
    return Glossary([GlossaryEntry(each.source.strip(), each.target.strip()) for each in messages])


def _beam(options: pb.BeamSearch, vocabulary: int) -> dict[str, Any]:
    name = "decoding.beam_search."
    width = options.width if options.HasField("width") else 5
    _check(name + "width", width, 1, min(WIDEST_BEAM, vocabulary - 1))
    hypotheses = options.num_hypotheses if options.HasField("num_hypotheses") else 1
    _check(name + "num_hypotheses", hypotheses, 1, width)
    length_penalty = options.length_penalty if options.HasField("length_penalty") else 1.0
    _check(name + "length_penalty", length_penalty, 0.0, _MOST_PENALTY)
    _check(name + "coverage_penalty", options.coverage_penalty, 0.0, _MOST_PENALTY)
    return {
        "beam": width,
        "hypotheses": hypotheses,
        "length_penalty": length_penalty,
        "coverage_penalty": options.coverage_penalty,
    }


def _sampling(options: pb.Sampling) -> SamplingParameters:
    name = "decoding.sampling."
    temperature = options.temperature if options.HasField("temperature") else 1.0
    _check(name + "temperature", temperature, *_TEMPERATURES)
    top_k = options.top_k if options.HasField("top_k") else MOST_SAMPLED
    _check(name + "top_k", top_k, 1, MOST_SAMPLED)
    top_p = options.top_p if options.HasField("top_p") else 1.0
    if not 0 < top_p <= 1:
        raise InvalidRequestError(
            name + "top_p", f"top_p is {top_p:g}; it must be above 0 and at most 1"
        )
    seed = options.seed if options.HasField("seed") else random.getrandbits(_SEED_BITS)
    return SamplingParameters(temperature, top_k, top_p, seed)


def _check(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:  # false for NaN, too
        raise InvalidRequestError(
            name, f"{name.rpartition('.')[2]} is {value:g}; it must be {least:g} to {most:g}"
        )


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

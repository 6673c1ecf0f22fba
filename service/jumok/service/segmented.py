"""Texts of several segments: they are translated side by side, and streamed in order."""

import math
import time
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final

from jumok.bundle.alignment import WordLink
from jumok.bundle.errors import InvalidTextError
from jumok.bundle.languages import separates_sentences
from jumok.bundle.words import TextSpan
from jumok.decoding.hypothesis import TokenSequence
from jumok.service.call_record import current_call
from jumok.service.caller import Caller
from jumok.service.errors import InvalidRequestError
from jumok.service.model import ServedModel
from jumok.service.pace import Pace
from jumok.service.translator import (
    TokensWritten,
    TranslationEvent,
    TranslationOptions,
    TranslationResult,
    Translator,
    check_characters,
    count_text,
    encode_source,
)
from jumok.service.writer import SegmentStart, SourceText, WrittenText
from jumok.text.segments import Segment, TokenLimit, find_sentences, translated_spans
from jumok.text.segments import divide as divide_sentence

MOST_SEGMENTS: Final = 500
"""Segments that a text may have, so that its last message is less than 4 MiB."""

_ABREAST: Final = 32
"""Segments of one text that wait or run at the same time."""

_SEEDS: Final = 2**64
_MOST_EXPANSION: Final = 2
"""A text may become longer by this factor when it is normalized."""


@dataclass(frozen=True, slots=True)
class CheckedText:
    """A text that can be translated.

    Attributes:
        text: the text.
        segments: its segments, whose tokens do not include the end.
    """

    text: str
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class SegmentedText:
    """A source text, the segments that are translated, and the layout around them.

    Attributes:
        text: the text.
        segments: its segments, in order, at least one.
        separator: what separates two sentences of the translation where nothing separates those
            of the source.
    """

    text: str
    segments: tuple[SourceText, ...]
    separator: str

    @property
    def tokens(self) -> int:
        """Number of source tokens, with the end of each segment."""
        return sum(len(segment.encoding.ids) + 1 for segment in self.segments)

    def before(self, place: int) -> str:
        """Return the layout between a segment and the one before it."""
        start = self.segments[place].start
        if place == 0:
            return self.text[:start]
        previous = self.segments[place - 1]
        return self.text[previous.start + len(previous.text) : start] or self.separator

    @property
    def after(self) -> str:
        """The layout after the last segment."""
        last = self.segments[-1]
        return self.text[last.start + len(last.text) :]


SegmentedEvent = SegmentedText | TokensWritten | TranslationResult


async def check_text(
    model: ServedModel, field: str, text: str, divide: bool, pace: Pace
) -> CheckedText:
    """Find the segments of a text and count their tokens, before it is tokenized.

    Args:
        model: the model that will translate the text.
        field: field of the request that contains the text, for error messages.
        text: the text.
        divide: whether to translate it sentence by sentence; otherwise it is one segment.
        pace: waits between sentences.

    Raises:
        InvalidRequestError: the text is empty, too long, or not Unicode text.
    """
    current_call().text_read(text)
    limits, tokenizer = model.description, model.source_tokenizer
    most, most_tokens = limits.max_text_characters, limits.max_source_tokens
    check_characters(field, text, most)
    if not divide:
        tokens = count_text(tokenizer, field, text, most_tokens, most)
        return CheckedText(text, (Segment(TextSpan(0, len(text)), tokens),))
    try:
        length = tokenizer.normalized_length(text)
    except InvalidTextError as error:
        raise InvalidRequestError(field, str(error)) from error
    if length > _MOST_EXPANSION * most:
        raise InvalidRequestError(
            field,
            f"the text has {length} characters when it is normalized, but only "
            f"{_MOST_EXPANSION * most} are allowed; split it",
        )

    def count(part: str) -> int:
        least = tokenizer.least_count(part)
        return least if least > most_tokens else tokenizer.count(part)

    limit = TokenLimit(count, most_tokens)
    sentences, segments, total = list[TextSpan](), list[Segment](), 0
    for sentence in find_sentences(text, limits.source_language):
        sentences.append(sentence)
        await pace.turn()
    for span in translated_spans(text, sentences, limit):
        for segment in divide_sentence(text, span, limit):
            await pace.turn()
            if segment.tokens > most_tokens:  # raises the error that says so
                count_text(tokenizer, field, text[slice(*segment.span)], most_tokens, most)
            if segment.tokens:
                segments.append(segment)
                total += segment.tokens
            if total > most:
                raise InvalidRequestError(
                    field, f"the text has more than the {most} tokens that are allowed; split it"
                )
            if len(segments) > MOST_SEGMENTS:
                raise InvalidRequestError(
                    field,
                    f"the text has more than the {MOST_SEGMENTS} sentences that are allowed; "
                    "split it",
                )
    if not segments:
        raise InvalidRequestError(field, "the text is empty; send at least one character")
    return CheckedText(text, tuple(segments))


async def tokenize(model: ServedModel, checked: CheckedText, pace: Pace) -> SegmentedText:
    """Tokenize the segments of a text, with pauses in between."""
    sources = []
    for segment in checked.segments:
        await pace.turn()
        part = checked.text[slice(*segment.span)]
        sources.append(encode_source(model, part, segment.span.start, segment.divided))
    separator = " " if separates_sentences(model.description.target_language) else ""
    return SegmentedText(checked.text, tuple(sources), separator)


async def translate_segments(
    translator: Translator,
    model: ServedModel,
    source: SegmentedText,
    options: TranslationOptions,
    deadline: float,
    caller: Caller,
    streamed: bool = True,
) -> AsyncGenerator[SegmentedEvent]:
    """Translate the segments of a text side by side, and yield their events in order.

    The events are those of `Translator.translate`, as if the text were one; the arguments, too, are
    the same. Limits of tokens hold for each segment, the prefix for the first one.
    """
    submitted: list[float] = []
    waiting = iter(range(len(source.segments)))
    running: deque[AsyncGenerator[TranslationEvent]] = deque()
    results: list[TranslationResult] = []
    pending, source_start = "", 0
    try:
        for place, segment in enumerate(source.segments):
            while len(running) < _ABREAST and (following := next(waiting, None)) is not None:
                events = translator.translate(
                    model,
                    source.segments[following],
                    _options(options, following),
                    deadline,
                    caller,
                    streamed,
                    counted=following == 0,
                )
                running.append(events)
                await translator.pace.turn()
                submitted.append(time.monotonic())
                await anext(events)  # submits the job
            if place == 0:
                yield source
            pending += source.before(place)
            async with aclosing(running[0]) as events:
                async for event in events:
                    match event:
                        case TokensWritten() if place or pending:
                            yield _placed(event, pending, place, source_start)
                        case TokensWritten():  # the most frequent case
                            yield event
                        case TranslationResult():
                            results.append(event)
            running.popleft()
            if results[-1].hypotheses[0].texts:
                pending = ""
            source_start += len(segment.encoding.ids) + 1
    finally:
        for events in running:
            await events.aclose()
    first = results[0]
    if len(results) > 1 or source.before(0) or source.after:
        count = max(len(result.hypotheses) for result in results)
        total = max(
            began + result.timings.total for began, result in zip(submitted, results, strict=True)
        )
        timings = replace(first.timings, total=total - submitted[0])
        hypotheses = tuple(
            [
                await _joined(
                    source,
                    [result.hypotheses[: rank + 1][-1] for result in results],
                    translator.pace,
                )
                for rank in range(count)
            ]
        )
        first = replace(first, hypotheses=hypotheses, timings=timings)
    yield first


def _options(options: TranslationOptions, place: int) -> TranslationOptions:
    """Return the options for one segment of a text."""
    if place == 0:
        return options
    decoding = replace(options.decoding, prefix=())
    if (sampling := decoding.sampling) is not None:
        sampling = replace(sampling, seed=(sampling.seed + place) % _SEEDS)
        decoding = replace(decoding, sampling=sampling)
    return replace(options, decoding=decoding)


def _placed(event: TokensWritten, before: str, place: int, source_start: int) -> TokensWritten:
    """Return the tokens of a segment as tokens of the text, which has `before` before them."""
    texts, provisional = event.texts, event.provisional_texts
    if before and event.start == 0:
        if event.stop:
            texts = [before + texts[0], *texts[1:]]
        elif provisional:
            provisional = [before + provisional[0], *provisional[1:]]
    return replace(
        event,
        texts=texts,
        provisional_texts=provisional,
        segment=place,
        source_start=source_start,
    )


async def _joined(source: SegmentedText, parts: Sequence[WrittenText], pace: Pace) -> WrittenText:
    """Join the translations of the segments, with the layout of the source around them."""
    tokens, texts, written, length = TokenSequence(), list[str](), list[str](), 0
    words, links, starts = list[TextSpan](), list[WordLink](), list[SegmentStart]()
    pending, source_words, source_start = "", 0, 0
    for place, part in enumerate(parts):
        await pace.turn()
        encoding = source.segments[place].encoding
        pending += source.before(place)
        starts.append(SegmentStart(len(texts), source_start))
        if part.texts:
            start, first_word = length + len(pending), len(words)
            tokens.extend(part.tokens.joined(0, len(part.texts), TokenSequence()))
            texts += [pending + part.texts[0], *part.texts[1:]]
            written += pending, part.text
            length = start + len(part.text)
            words += [TextSpan(start + word.start, start + word.end) for word in part.words]
            links += [
                WordLink(
                    source_words + link.source_word, first_word + link.target_word, link.weight
                )
                for link in part.alignment
            ]
            pending = ""
        source_words += len(encoding.words)
        source_start += len(encoding.ids) + 1
    return WrittenText(
        tokens=tokens,
        texts=texts,
        text="".join([*written, pending, source.after]),
        ended=all(part.ended for part in parts),
        log_prob=math.fsum(part.log_prob for part in parts),
        score=math.fsum(part.score for part in parts),
        words=tuple(words),
        alignment=tuple(links),
        segments=tuple(starts),
    )

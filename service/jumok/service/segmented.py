"""Texts of several segments: they are translated side by side, and streamed in order."""

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Final

import numpy as np

from jumok.bundle.alignment import WordLink
from jumok.bundle.words import TextSpan
from jumok.decoding.hypothesis import TokenSequence
from jumok.service.caller import Caller
from jumok.service.model import ServedModel
from jumok.service.pace import Pace
from jumok.service.segmented_text import SegmentedText
from jumok.service.translator import (
    TokensWritten,
    TranslationEvent,
    TranslationOptions,
    TranslationResult,
    TranslationTimings,
    Translator,
)
from jumok.service.writer import SegmentStart, SourceText, WrittenText
from jumok.text.restoration import RestoredText
from jumok.text.signs import Sign, find_signs

_ABREAST: Final = 32
"""Segments of one text that wait or run at the same time."""

_MANY: Final = 16
"""Tags and terms of a segment from which on they are placed in a thread."""

_SEEDS: Final = 2**64


SegmentedEvent = SegmentedText | TokensWritten | TranslationResult


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
    if not source.segments:
        yield source
        yield _untranslated(source)
        return
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
                        case TokensWritten() if segment.read is not None:
                            pass  # sent when the segment is complete
                        case TokensWritten() if place or pending:
                            yield _placed(event, pending, place, source_start)
                        case TokensWritten():  # the most frequent case
                            yield event
                        case TranslationResult():
                            results.append(_with_signs(segment, event, model))
            running.popleft()
            if segment.read is not None:
                results[-1] = await _restored(
                    translator, model, segment, results[-1], deadline, caller
                )
                if streamed:
                    written = results[-1].hypotheses[0]
                    count = len(written.texts)
                    whole = TokensWritten(written.tokens, written.texts, 0, count)
                    yield _placed(whole, pending, place, source_start)
            best = results[-1].hypotheses[0]
            pending = "" if best.texts else pending + best.text
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


def _untranslated(source: SegmentedText) -> TranslationResult:
    """Return a text in which there is nothing to translate as its own translation."""
    tokens, whole = TokenSequence(), (SegmentStart(0, 0),)
    text = WrittenText(tokens, (), source.text, True, 0.0, 0.0, (), (), whole)
    return TranslationResult((text,), TranslationTimings(0.0, 0.0, 0.0))


def _with_signs(
    source: SourceText, result: TranslationResult, model: ServedModel
) -> TranslationResult:
    """Look for signs that the translations of a segment may be wrong."""
    read = source.text if source.read is None else source.read.read.text
    language, words = model.description.source_language, source.encoding.word_indices
    hypotheses = []
    for written in result.hypotheses:
        rows = written.tokens.attention[: len(written.texts)]
        attention = np.zeros((0, len(words)), np.float32)
        if rows:
            attention = np.concatenate(rows).reshape(len(rows), -1)[:, :-1]
        signs = find_signs(read, language, words, written.text, attention)
        hypotheses.append(replace(written, signs=tuple((0, sign) for sign in signs)))
    return replace(result, hypotheses=tuple(hypotheses))


async def _restored(
    translator: Translator,
    model: ServedModel,
    source: SourceText,
    result: TranslationResult,
    deadline: float,
    caller: Caller,
) -> TranslationResult:
    """Give the translations of a segment what the model did not read."""
    read = source.read
    assert read is not None
    hypotheses = []
    for written in result.hypotheses:
        await translator.pace.turn()
        count = len(written.texts)
        attention = np.zeros((count, len(source.read_spans)), np.float32)
        rows = written.tokens.attention
        if model.stream_rule == "reads":
            rows = rows[1:]
        elif (read.elements or read.terms) and count:  # posterior attention places them better
            ids = written.tokens.token_ids[:count]
            rows = list(await translator.posterior_attention(model, source, ids, deadline, caller))
        for place, row in enumerate(rows[:count]):
            attention[place] = row[:-1]
        work = read, source.read_spans, written.texts, attention
        if len(read.elements) + len(read.terms) > _MANY:
            restored = await asyncio.to_thread(RestoredText, *work)
        else:
            restored = RestoredText(*work)
        hypotheses.append(
            replace(
                written,
                text=restored.text,
                texts=restored.texts,
                words=tuple(map(restored.place, written.words)),
            )
        )
    return replace(result, hypotheses=tuple(hypotheses))


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
    signs = list[tuple[int, Sign]]()
    pending, source_words, source_start = "", 0, 0
    for place, part in enumerate(parts):
        await pace.turn()
        encoding = source.segments[place].encoding
        pending += source.before(place)
        starts.append(SegmentStart(len(texts), source_start))
        signs += [(place, sign) for _, sign in part.signs]
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
        else:
            pending += part.text
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
        signs=tuple(signs),
        mean_log_probs=tuple([mean for part in parts for mean in part.mean_log_probs]),
    )

"""Texts of requests, checked and divided into segments before they are tokenized."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Final

from jumok.bundle.errors import InvalidTextError
from jumok.bundle.tokenizer import PLACEHOLDERS
from jumok.bundle.words import TextSpan
from jumok.service.call_record import current_call
from jumok.service.errors import InvalidRequestError
from jumok.service.model import ServedModel
from jumok.service.pace import Pace
from jumok.service.translator import check_characters, count_text
from jumok.text.copied_text import NotTranslated
from jumok.text.edits import EditedText
from jumok.text.errors import MarkupError
from jumok.text.marked_text import MarkedText, plain_text
from jumok.text.model_text import Draft, ModelText
from jumok.text.segments import (
    Segment,
    TokenLimit,
    divide,
    find_sentences,
    joined,
    translated_spans,
)

MOST_SEGMENTS: Final = 500
"""Segments that a text may have, so that its last message is less than 4 MiB."""

_SHORT: Final = 300
"""Characters of a text that is prepared at once, in less than a millisecond."""

_MOST_EXPANSION: Final = 2
"""A text may become longer by this factor when it is normalized."""


@dataclass(frozen=True, slots=True)
class TextOptions:
    """What a text is, and how to divide it.

    Attributes:
        divides: whether it is divided into sentences; otherwise each block is one segment.
        parse: finds the markup.
        not_translated: what is not translated, as the caller wants it.
        copies: see `Draft`.
    """

    divides: bool = True
    parse: Callable[[str], MarkedText] = plain_text
    not_translated: NotTranslated = field(default_factory=NotTranslated)
    copies: bool = True


@dataclass(frozen=True, slots=True)
class CheckedSegment:
    """A segment that can be translated.

    Attributes:
        source: the segment as the model reads it.
        tokens: number of its tokens, without the end.
        divided: whether the sentence continues in the next segment; see `jumok.text.segments`.
    """

    source: ModelText
    tokens: int
    divided: bool


@dataclass(frozen=True, slots=True)
class CheckedText:
    """A text that can be translated.

    Attributes:
        text: the text as sent.
        segments: its segments, in order; none if there is nothing to translate.
    """

    text: str
    segments: tuple[CheckedSegment, ...]

    @property
    def copied(self) -> int:
        """Number of characters that a translation contains beside what the model writes."""
        if not any(segment.source.restores for segment in self.segments):
            return 0
        terms = (len(each.text) for segment in self.segments for each in segment.source.terms)
        return len(self.text) + sum(terms)


async def check_text(
    model: ServedModel, name: str, text: str, options: TextOptions, pace: Pace
) -> CheckedText:
    """Find the segments of a text and count their tokens, before it is tokenized.

    Args:
        model: the model that will translate the text.
        name: field of the request that contains the text, for error messages.
        text: the text.
        options: what it is.
        pace: waits between sentences.

    Raises:
        InvalidRequestError: the text is empty, too long, or not Unicode text, or its markup is
            invalid.
    """
    current_call().text_read(text)
    limits, tokenizer = model.description, model.source_tokenizer
    most, most_tokens = limits.max_text_characters, limits.max_source_tokens
    check_characters(name, text, most)
    try:
        length = tokenizer.normalized_length(text)
        if options.divides and length > _MOST_EXPANSION * most:
            raise InvalidRequestError(
                name,
                f"the text has {length} characters when it is normalized, but only "
                f"{_MOST_EXPANSION * most} are allowed; split it",
            )
        if options.parse is plain_text and len(text) <= _SHORT:
            draft = _draft(text, options, model)  # takes less time than a thread to start
        else:
            draft = await asyncio.to_thread(_draft, text, options, model)
    except (InvalidTextError, MarkupError) as error:
        raise InvalidRequestError(name, str(error)) from error
    segments, total = list[CheckedSegment](), 0
    for block in draft.blocks:
        async for segment in _segments(model, draft, block, options.divides, pace):
            source, tokens = draft.segment(block, segment.span), segment.tokens
            if not source.has_letters:
                continue
            if source.read.text != block.text[slice(*segment.span)]:
                tokens = tokenizer.count(source.read.text)
            if tokens > most_tokens:  # raises the error that says so
                count_text(tokenizer, name, source.read.text, most_tokens, most)
            if tokens:
                segments.append(CheckedSegment(source, tokens, segment.divided))
                total += tokens
            if total > most:
                raise InvalidRequestError(
                    name, f"the text has more than the {most} tokens that are allowed; split it"
                )
            if len(segments) > MOST_SEGMENTS:
                raise InvalidRequestError(
                    name,
                    f"the text has more than the {MOST_SEGMENTS} sentences that are allowed; "
                    "split it",
                )
    if not segments and not tokenizer.count(text):
        raise InvalidRequestError(name, "the text is empty; send at least one character")
    return CheckedText(text, tuple(segments))


def _draft(text: str, options: TextOptions, model: ServedModel) -> Draft:
    pieces = PLACEHOLDERS if model.has_placeholders else ()
    return Draft(options.parse(text), pieces, options.not_translated, options.copies)


async def _segments(
    model: ServedModel, draft: Draft, block: EditedText, divides: bool, pace: Pace
) -> AsyncGenerator[Segment]:
    """Yield the segments of a block, with pauses in between."""
    tokenizer, most = model.source_tokenizer, model.description.max_source_tokens

    def count(part: str) -> int:
        least = tokenizer.least_count(part)
        return least if least > most else tokenizer.count(part)

    await pace.turn()
    if not divides:
        yield Segment(TextSpan(0, len(block.text)), count(block.text))
        return
    limit, sentences = TokenLimit(count, most), list[TextSpan]()
    for sentence in find_sentences(block.text, model.description.source_language):
        sentences.append(sentence)
        await pace.turn()
    contents = draft.contents(block)
    for span in translated_spans(block.text, joined(sentences, contents), limit):
        for segment in divide(block.text, span, limit, contents):
            await pace.turn()
            yield segment

"""Segments of a text: the sentences that are translated one by one, and the layout around them.

What lies between segments (line breaks, indentation, list markers, rules, numbers that stand
alone) is not translated; a translation keeps it as it is.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import sentencex

from jumok.bundle.words import TextSpan

_LINE: Final = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_CELL: Final = re.compile(r"[^\t|]+")
_BULLET: Final = re.compile(r"\s*(?:(?:[-*+>#•‣◦▪▸·–—☐☑✓]+|//+[!/]?|/\*+|\[[ xX]\])\s+)*")
_NUMBER: Final = re.compile(r"\(?(?:\d{1,3}|[a-z])[.)]\s+|[①-⑳]\s*")
_PUNCTUATION: Final = re.compile(r"[^\w\s,]")
_BOUNDARIES: Final = tuple(
    re.compile(pattern) for pattern in (r"[;:…。;:]\s*|\s[–—]\s", r"[,、,،]\s*", r"\s+")
)
"""Where to divide a sentence that is too long, the best places first."""

_LONGEST: Final = 800
"""Characters of a line that sentencex reads at once."""

_PART_ENDS: Final = (". ", "? ", "! ", "。", "？", "！", " ")
_MARK: Final = re.compile(r"[\u0300-\u036f\u1160-\u11ff\u200d\ufe0f]|(?<=\u200d).")
"""What belongs to the character before it: accents, Hangul vowels and final consonants, emoji."""

_MARGIN: Final = 0.2
"""A sentence is not divided in this part at its start and end."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a text that is translated by itself.

    Attributes:
        span: where it is in the text.
        tokens: number of its tokens.
        divided: whether it is a part of a sentence that was too long, but not the last part.
    """

    span: TextSpan
    tokens: int
    divided: bool = False


@dataclass(frozen=True, slots=True)
class TokenLimit:
    """How many tokens the model can translate at once.

    Attributes:
        count: returns the number of tokens of a text; above `most` it may be any number above it.
        most: the largest number.
    """

    count: Callable[[str], int]
    most: int


def find_segments(
    text: str, language: str, limit: TokenLimit, contents: Sequence[TextSpan] = ()
) -> list[Segment]:
    """Divide a text into sentences, and sentences that are too long into parts.

    A segment has at least one letter, and no line break. A text of one line and one sentence is one
    segment, with everything around the sentence.

    Args:
        text: the text.
        language: its language, a BCP 47 tag.
        limit: how long a segment may be.
        contents: what the inline elements of the text contain; see `joined` and `divide`.
    """
    sentences = joined(list(find_sentences(text, language)), contents)
    return [
        segment
        for span in translated_spans(text, sentences, limit)
        for segment in divide(text, span, limit, contents)
    ]


def find_sentences(text: str, language: str) -> Iterator[TextSpan]:
    """Yield the sentences of each line, without list markers; the first step of `find_segments`."""
    lines = [TextSpan(*match.span()) for match in _LINE.finditer(text)]
    for line in _contents(text, lines):
        yield from _sentences(text, line, language)


def translated_spans(
    text: str, sentences: Sequence[TextSpan], limit: TokenLimit
) -> Sequence[TextSpan]:
    """Return what to translate of a text with these sentences; the third step."""
    spans = [span for span in sentences if _has_letter(text[slice(*span)])]
    if len(spans) == 1 and _LINE.fullmatch(text.strip()) and limit.count(text) <= limit.most:
        return [TextSpan(0, len(text))]
    return spans


def joined(sentences: Sequence[TextSpan], contents: Sequence[TextSpan]) -> Sequence[TextSpan]:
    """Join sentences if an inline element begins in one and ends in another; the second step.

    Args:
        sentences: the sentences, in ascending order.
        contents: what the inline elements contain.
    """
    if not contents:
        return sentences
    ends = [sentence.end for sentence in sentences]
    joins = set[int]()
    for start, end in contents:
        first = bisect_right(ends, start)
        last = first
        while last + 1 < len(sentences) and sentences[last + 1].start < end:
            last += 1
        if first < last and (start > sentences[first].start or end < sentences[last].end):
            joins.update(range(first + 1, last + 1))
    result = list[TextSpan]()
    for place, sentence in enumerate(sentences):
        if place in joins:
            result[-1] = TextSpan(result[-1].start, sentence.end)
        else:
            result.append(sentence)
    return result


def divide(
    text: str, span: TextSpan, limit: TokenLimit, contents: Sequence[TextSpan] = ()
) -> Iterator[Segment]:
    """Yield a sentence in parts within the limit, of similar length; the last step.

    A part never has one end of an inline element without the other; `contents` is what they
    contain.
    """
    waiting = [span]
    while waiting:
        part = waiting.pop()
        content = text[slice(*part)]
        tokens = limit.count(content)
        inner = [
            TextSpan(start - part.start, end - part.start)
            for start, end in contents
            if part.contains(TextSpan(start, end)) and (start, end) != part
        ]
        place = None if tokens <= limit.most else _boundary(content, inner)
        if place is None:
            yield Segment(part, tokens, divided=bool(waiting))
        else:
            before, after = place
            waiting.append(TextSpan(part.start + after, part.end))
            waiting.append(TextSpan(part.start, part.start + before))


def _contents(text: str, lines: Iterable[TextSpan]) -> Iterator[TextSpan]:
    """Yield what each line, or cell of a table, has after its list marker."""
    cells = (TextSpan(*cell.span()) for line in lines for cell in _CELL.finditer(text, *line))
    bullets = [(cell, _BULLET.match(text, *cell)) for cell in cells]
    starts = [
        (line, bullet.end()) for line, bullet in bullets if bullet and bullet.end() < line.end
    ]
    numbers = [_NUMBER.match(text, start, line.end) for line, start in starts]
    for place, (line, start) in enumerate(starts):
        number = numbers[place]
        # "3. Mai" begins with a date: only numbered lines that follow each other are a list
        if number and any(numbers[max(0, place - 1) : place] + numbers[place + 1 : place + 2]):
            start = number.end()
        yield TextSpan(start, line.end)


def _sentences(text: str, line: TextSpan, language: str) -> Iterator[TextSpan]:
    """Yield the sentences of a line, without the white space around them."""
    content = text[slice(*line)]
    if not _PUNCTUATION.search(content.rstrip()[:-1]):  # faster for lists of words
        if content := content.strip():
            start = text.index(content, line.start)
            yield TextSpan(start, start + len(content))
        return
    for part in _parts(text, line):
        content = text[slice(*part)]
        for found in sentencex.get_sentence_boundaries(language.partition("-")[0], content):
            start, end = found["start_index"], found["end_index"]
            sentence = content[start:end]
            start += len(sentence) - len(sentence.lstrip())
            end -= len(sentence) - len(sentence.rstrip())
            if start < end:
                yield TextSpan(part.start + start, part.start + end)


def _parts(text: str, line: TextSpan) -> Iterator[TextSpan]:
    """Divide a long line before sentencex reads it, which can take 30 ms for 4,000 characters."""
    start, end = line
    while end - start > _LONGEST:
        most = start + _LONGEST
        places = (text.rfind(mark, start, most) + len(mark) for mark in _PART_ENDS)
        place = next((place for place in places if place > start + _LONGEST // 2), most)
        yield TextSpan(start, place)
        start = place
    yield TextSpan(start, end)


def _boundary(content: str, inner: Sequence[TextSpan]) -> tuple[int, int] | None:
    """Return the end of the first part and the start of the second; None for one character.

    Neither is inside of a range of `inner`.
    """
    middle, margin = len(content) // 2, int(_MARGIN * len(content))
    for pattern in _BOUNDARIES:
        found = pattern.finditer(content, margin, len(content) - margin)
        ends = [match.end() for match in found if match.end() < len(content)]
        ends = _outside(ends, inner)
        if ends:
            best = min(ends, key=lambda end: abs(end - middle))
            if first := content[:best].rstrip():
                return len(first), best
    edges = [edge for span in inner for edge in span if 0 < edge < len(content)]
    if edges := _outside(edges, inner):
        best = min(edges, key=lambda edge: abs(edge - middle))
        after = content[best:]
        return len(content[:best].rstrip()), best + len(after) - len(after.lstrip())
    for place in (*range(middle, 0, -1), *range(middle + 1, len(content))):
        if not _MARK.match(content, place):
            return place, place
    return None


def _outside(places: list[int], inner: Sequence[TextSpan]) -> list[int]:
    """Return the places that are inside of no range; ranges contain each other or are apart."""
    outermost = list[TextSpan]()
    for span in sorted(inner, key=lambda each: (each.start, -each.end)):
        if not outermost or span.start >= outermost[-1].end:
            outermost.append(span)
    starts = [span.start for span in outermost]
    return [
        place
        for place in places
        if not (at := bisect_left(starts, place)) or outermost[at - 1].end <= place
    ]


def _has_letter(sentence: str) -> bool:
    return any(character.isalpha() for character in sentence)

"""Texts of several segments, tokenized."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from jumok.bundle.languages import separates_sentences
from jumok.bundle.words import TextSpan
from jumok.service.checked_text import CheckedSegment, CheckedText
from jumok.service.model import ServedModel
from jumok.service.pace import Pace
from jumok.service.translator import encode_source
from jumok.service.writer import SourceText


@dataclass(frozen=True, slots=True)
class SegmentedText:
    """A source text, the segments that are translated, and the layout around them.

    Attributes:
        text: the text.
        segments: its segments, in order.
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
        """The layout after the last segment; all of the text if there is none."""
        if not self.segments:
            return self.text
        last = self.segments[-1]
        return self.text[last.start + len(last.text) :]


async def tokenize(model: ServedModel, checked: CheckedText, pace: Pace) -> SegmentedText:
    """Tokenize the segments of a text, with pauses in between."""
    sources = []
    for segment in checked.segments:
        await pace.turn()
        sources.append(_encoded(model, segment))
    separator = " " if separates_sentences(model.description.target_language) else ""
    return SegmentedText(checked.text, tuple(sources), separator)


def _encoded(model: ServedModel, segment: CheckedSegment) -> SourceText:
    """Tokenize a segment; ranges of tokens and words refer to its text as sent."""
    read = segment.source.read
    source = encode_source(model, read.text)
    encoding, start = source.encoding, read.span.start
    if read.text != read.original_text:

        def as_sent(spans: Iterable[TextSpan]) -> tuple[TextSpan, ...]:
            found = map(read.original, spans)
            return tuple(TextSpan(begin - start, end - start) for begin, end in found)

        encoding = replace(encoding, spans=as_sent(encoding.spans), words=as_sent(encoding.words))
    restores = segment.source.restores
    return replace(
        source,
        text=read.original_text,
        encoding=encoding,
        start=start,
        divided=segment.divided,
        read=segment.source if restores else None,
        read_spans=source.encoding.spans if restores else (),
    )

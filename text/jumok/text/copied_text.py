"""Text that the model copies, and terms whose translation is prescribed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from jumok.bundle.words import TextSpan
from jumok.text.edits import EditedText, disjoint
from jumok.text.glossary import Glossary
from jumok.text.marked_text import MarkedText
from jumok.text.protection import find_protected


@dataclass(frozen=True, slots=True)
class CopiedText:
    """Text that is copied, or a term of the glossary.

    Attributes:
        span: where it is in the text as sent.
        text: what the translation has in its place.
        entry: index of its entry in the glossary; None for text that is copied.
        piece: placeholder that the model reads instead; "" if it reads nothing. The model reads
            terms as they are.
    """

    span: TextSpan
    text: str
    entry: int | None = None
    piece: str = ""


@dataclass(frozen=True, slots=True)
class NotTranslated:
    """What of a text is not translated, as a caller wants it.

    Attributes:
        spans: ranges of the text, in any order.
        glossary: terms whose translation is prescribed.
    """

    spans: Sequence[TextSpan] = ()
    glossary: Glossary = field(default_factory=Glossary)


def find_copied(
    marked: MarkedText, blocks: Sequence[EditedText], wanted: NotTranslated
) -> list[CopiedText]:
    """Return what is copied, and terms, in ascending order.

    Ranges that overlap are copied as one. Terms inside of what is copied are none. Ranges that
    reach out of a block are ignored.

    Args:
        marked: the text.
        blocks: the parts of it that are translated, with its markup removed.
        wanted: what the caller wants.
    """
    text = marked.text
    spans = [
        span
        for span in (*(_with_elements(each, marked) for each in wanted.spans), *marked.protected)
        if any(block.span.contains(span) for block in blocks)
    ]
    entries = wanted.glossary.entries
    terms = list[CopiedText]()
    for block in blocks:
        for start, end in pairwise(_tag_places(marked, block)):
            part = block.text[start:end]
            for place, entry in wanted.glossary.find(part):
                span = block.original(TextSpan(start + place.start, start + place.end))
                terms.append(CopiedText(span, entries[entry].target, entry))
            spans += [
                block.original(TextSpan(start + place.start, start + place.end))
                for place in find_protected(part)
            ]
    copied = [CopiedText(span, text[slice(*span)]) for span in _united(spans)]
    return disjoint([*copied, *terms])


def _with_elements(span: TextSpan, marked: MarkedText) -> TextSpan:
    """Extend a range to the elements of which it contains a tag, or a part of one."""
    extended = span
    for element in marked.elements:
        for tag in (element.opening, element.closing):
            if tag is not None and tag.start < span.end and span.start < tag.end:
                start, end = element.span
                extended = TextSpan(min(extended.start, start), max(extended.end, end))
    return span if extended == span else _with_elements(extended, marked)


def _united(spans: Iterable[TextSpan]) -> list[TextSpan]:
    """Join ranges that overlap."""
    united = list[TextSpan]()
    for span in sorted(spans):
        if united and span.start < united[-1].end:
            united[-1] = TextSpan(united[-1].start, max(span.end, united[-1].end))
        else:
            united.append(span)
    return united


def _tag_places(marked: MarkedText, block: EditedText) -> list[int]:
    """Return where a block has tags, from its start to its end: nothing copied contains a tag."""
    if not marked.elements:
        return [0, len(block.text)]
    places = {0, len(block.text)}
    for element in marked.elements:
        for tag in (element.opening, element.closing):
            if tag is not None and block.span.contains(tag):
                places.add(block.place(tag.start))
    return sorted(places)

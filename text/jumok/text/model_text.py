"""A segment as the model reads it, and what its translation gets back."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from jumok.bundle.words import TextSpan
from jumok.text.casing import Capitals, find_capitals, find_lowered
from jumok.text.copied_text import CopiedText, NotTranslated, find_copied
from jumok.text.edits import Edit, EditedText, disjoint
from jumok.text.marked_text import InlineElement, MarkedText
from jumok.text.spelling import find_variants, standard_spelling

_PLACEHOLDER: Final = "\ue000"
"""Stands for copied text while sentences are found; no letter, and no end of a sentence."""


@dataclass(frozen=True, slots=True)
class ModelText:
    """A segment as the model reads it.

    Attributes:
        read: the text that the model reads.
        copied: the text that it does not translate, in ascending order.
        terms: terms of the glossary, in ascending order.
        elements: inline elements, of which the translation gets the tags; see `MarkedText`.
        capitals: capitals that the translation gets.
        escape: see `MarkedText`.
    """

    read: EditedText
    copied: Sequence[CopiedText] = ()
    terms: Sequence[CopiedText] = ()
    elements: Sequence[InlineElement] = ()
    capitals: Capitals = "none"
    escape: Callable[[str], Sequence[str]] = list

    @property
    def has_letters(self) -> bool:
        """Whether there is anything to translate."""
        return any(map(str.isalpha, self.read.text))

    @property
    def restores(self) -> bool:
        """Whether the translation is not simply what the model writes."""
        return (
            bool(self.copied or self.terms or self.elements)
            or self.capitals != "none"
            or self.escape is not list
        )


class Draft:
    """A text, prepared to be divided into segments.

    Attributes:
        blocks: the parts to translate, as sentences are to be found in them.
    """

    def __init__(
        self,
        marked: MarkedText,
        placeholders: Sequence[str],
        not_translated: NotTranslated,
        copies: bool = True,
    ) -> None:
        """Find what the model reads otherwise.

        Args:
            marked: the text.
            placeholders: pieces that the model copies; may be empty.
            not_translated: what is not translated, as the caller wants it.
            copies: whether text such as addresses is copied, and capitals are restored.
        """
        self._marked, self._pieces, self._copies = marked, placeholders, copies
        markup = [Edit(edit.span, standard_spelling(edit.replacement)) for edit in marked.edits]
        edits = disjoint([*markup, *find_variants(marked.text)])
        blocks = [EditedText(marked.text, edits, block) for block in marked.blocks]
        found = find_copied(marked, blocks, not_translated) if copies else []
        copied = [each for each in found if each.entry is None]
        self._terms = [each for each in found if each.entry is not None]
        if copied:
            edits = disjoint([*(Edit(each.span, _PLACEHOLDER) for each in copied), *edits])
            blocks = [EditedText(marked.text, edits, block) for block in marked.blocks]
        self.blocks: Sequence[EditedText] = blocks
        self._copied = {each.span: each for each in copied}
        self._edits, self._starts = edits, [edit.span.start for edit in edits]
        self._inline = [
            element
            for element in marked.elements
            if not any(each.span.contains(element.span) for each in copied)
        ]
        self._contents = {
            block.span: sorted(
                (_content(block, each.opening.end, each.closing.start), each.span)
                for each in self._elements(block.span)
                if each.closing is not None
            )
            for block in blocks
        }

    def contents(self, block: EditedText) -> list[TextSpan]:
        """Return the content of each inline element of a block, as a range of its text."""
        return [content for content, _ in self._contents[block.span]]

    def segment(self, block: EditedText, span: TextSpan) -> ModelText:
        """Return a segment of a block as the model reads it.

        Args:
            block: one of `blocks`.
            span: range of its text. It contains the content of an element, is inside of it, or
                apart from it.
        """
        marked, span = self._marked, self._without_symbols(block, span)
        part = block.span if span == (0, len(block.text)) else block.original(span)
        contents = self._contents[block.span]
        first = bisect_left(contents, span.start, key=lambda each: each[0].start)
        for content, (start, end) in islice(contents, first, None):
            if content.start >= span.end:
                break
            # the tags of an element with text can be at the edge
            if content.start < content.end <= span.end and content != span:
                part = TextSpan(min(part.start, start), max(part.end, end))
        edits, copied, pieces = list[Edit](), list[CopiedText](), iter(self._pieces)
        first = bisect_left(self._starts, part.start)
        for place in range(first, bisect_left(self._starts, part.end, first)):
            edit = self._edits[place]
            if (text := self._copied.get(edit.span)) is not None:
                copied.append(replace(text, piece=next(pieces, "")))
                edit = Edit(edit.span, copied[-1].piece)
            edits.append(edit)
        read = block if part == block.span and not copied else EditedText(marked.text, edits, part)
        capitals: Capitals = find_capitals(read.text) if self._copies else "none"
        if capitals != "none":
            lower = (
                Edit(TextSpan(part.start + place, part.start + place + 1), letter)
                for place, letter in find_lowered(read.original_text, capitals)
            )
            read = EditedText(marked.text, disjoint([*edits, *lower]), part)
        terms = [each for each in self._terms if part.contains(each.span)]
        elements = list(self._elements(part))
        return ModelText(read, copied, terms, elements, capitals, marked.escape)

    def _without_symbols(self, block: EditedText, span: TextSpan) -> TextSpan:
        """Leave emoji and the like out at the start and end of a segment, as its layout."""
        start, end = span
        contents = self._contents[block.span]
        if any(content.start < end and start < content.end for content, _ in contents):
            return span  # a tag may be beside the symbol
        while (text := block.text[start:end]).strip():
            first, last = end - len(text.lstrip()), start + len(text.rstrip())
            if self._is_symbol(block, first):
                start = first + 1
            elif self._is_symbol(block, last - 1):
                end = last - 1
            else:
                break
        if span == (start, end):
            return span
        text = block.text[start:end]
        return TextSpan(end - len(text.lstrip()), start + len(text.rstrip()))

    def _is_symbol(self, block: EditedText, place: int) -> bool:
        copied = self._copied.get(block.original(TextSpan(place, place + 1)))
        return copied is not None and not any(
            character.isascii() or character.isalnum() for character in copied.text
        )

    def _elements(self, part: TextSpan) -> Iterator[InlineElement]:
        """Yield the inline elements inside of a part of the text as sent."""
        elements = self._inline
        place = bisect_left(elements, part.start, key=lambda element: element.opening.start)
        while place < len(elements) and elements[place].opening.start < part.end:
            if part.contains(elements[place].span):
                yield elements[place]
            place += 1


def _content(block: EditedText, start: int, end: int) -> TextSpan:
    """Return where a part of the text as sent is in a block, without white space around it."""
    start, end = block.place(start), block.place(end)
    text = block.text[start:end]
    if not text.strip():
        return TextSpan(start, end)
    return TextSpan(start + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip()))
